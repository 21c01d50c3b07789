"""The stable codes of remarks: what each says in general, and what to do about it (docs/import/codes.md is made from this).

A remark has its own, more precise words: a rule of a workbook that uses a new code explains it here too.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A code in French, for people: `meaning` whatever the sheet, `remedy` what to do."""

    meaning: str
    remedy: str


CODES: dict[str, Code] = {
    # E: unreadable or contradictory; the row is not stored.
    "E-FIC": Code(
        "Le fichier entier n’est pas un classeur que Vigie sait lire (mot de passe, macros, PDF, image, fichier abîmé…).",
        "Suivez la phrase affichée : le plus souvent, ouvrez le fichier et enregistrez-le au format « Classeur Excel (.xlsx) ».",
    ),
    "E-SEC": Code(
        "Le fichier est refusé par sécurité : décompression démesurée, éléments internes anormaux.",
        "Repartez du classeur fourni par Vigie et copiez-y vos valeurs.",
    ),
    "E-FEU": Code(
        "Feuille remplie et non reconnue : rien n’en est lu.",
        "Dites ce qu’elle est dans « Vérifier les colonnes », ou retirez-la du classeur.",
    ),
    "E-FIN": Code(
        "Numéro FINESS faux, inconnu, hors de votre périmètre, ou EJ et ET confondus.",
        "Vérifiez les 9 caractères ; s’ils sont justes, l’établissement n’est pas de ceux que vous renseignez.",
    ),
    "E-REQ": Code(
        "Une valeur ou une colonne obligatoire manque.",
        "Remplissez la cellule, ou ajoutez la colonne.",
    ),
    "E-LST": Code(
        "Valeur hors liste.",
        "Choisissez une des valeurs proposées ; la précision se garde dans une colonne de texte.",
    ),
    "E-NOM": Code(
        "Nom de personne là où une fonction est obligatoire, et lue par d’autres.",
        "Écrivez une fonction ; le nom a sa propre colonne.",
    ),
    "E-DAT": Code(
        "Date ou heure illisible, incomplète, impossible, avant 2015 ou après 2035.",
        "Saisissez une date comme 05/12/2026, une heure comme 09:30.",
    ),
    "E-NUM": Code(
        "Nombre, montant, durée, année ou SIRET illisible, ambigu ou hors des bornes.",
        "Saisissez la valeur seule ; pour un SIRET, mettez d’abord la colonne au format Texte.",
    ),
    "E-TXT": Code(
        "Texte trop long, code mal formé, caractère invisible, adresse réseau au lieu d’un nom de fichier, téléphone faux.",
        "Corrigez la cellule ; un fichier se dépose dans Vigie et se cite par son nom seul.",
    ),
    "E-REF": Code(
        "Code d’objectif inconnu du référentiel.",
        "Saisissez un code comme P1, O1.C ou D2.O1.C.",
    ),
    "E-DUP": Code(
        "La même clé deux fois, ou une facture déjà déclarée par un autre établissement.",
        "Gardez une seule ligne, ou corrigez le code, le numéro ou la date qui la nomme.",
    ),
    "E-COH": Code(
        "Deux réponses se contredisent, ou une valeur est figée depuis la candidature.",
        "Corrigez celle des deux qui est fausse.",
    ),
    "E-CON": Code(
        "Conflit : quelqu’un a modifié cette ligne dans Vigie après la production de votre fichier.",
        "Comparez les deux versions dans l’aperçu, et choisissez celle à garder.",
    ),
    # G: an honest gap; stored, and shown red.
    "G-REQ": Code(
        "Une information attendue manque : motif, titulaire, pièce, date, activité combinée…",
        "Complétez-la dès que vous l’avez, puis déposez de nouveau.",
    ),
    "G-COH": Code(
        "Ce qui est déclaré ne tient pas l’exigence : ni test fait ni test prévu (O1.D), sauvegarde trop espacée pour la PDMA.",
        "Planifiez ce qui manque, ou revoyez la cible avec le métier.",
    ),
    "G-REF": Code(
        "À rattacher : le code ou le fichier cité n’est pas encore dans Vigie, ou le Code SI d’une application critique manque.",
        "Importez la feuille qui le décrit, ou déposez le fichier : le lien se fera de lui-même.",
    ),
    "G-PER": Code(
        "Date hors de la période admise : la ligne est gardée et ne compte pas.",
        "Vérifiez la date ; si elle est juste, il faut une autre preuve, un autre exercice ou une autre mesure.",
    ),
    # W: stored; the person should know.
    "W-321": Code(
        "La règle 3-2-1 des sauvegardes n’est pas tenue ; ce qui manque est dit.",
        "Complétez les réponses, ou décrivez la trajectoire avec ses jalons (O3.C).",
    ),
    "W-ANN": Code(
        "Annuaire : numéro contrôlé il y a plus de 90 jours, tenu pour périmé.",
        "Appelez ce numéro, puis saisissez la date du contrôle.",
    ),
    "W-COH": Code(
        "Incohérence à vérifier : deux dates, un état et une date, un nom et un numéro ne vont pas ensemble.",
        "Vérifiez les deux valeurs ; la ligne est enregistrée telle quelle.",
    ),
    "W-COL": Code(
        "Colonne inconnue, sans titre, absente, ou comprise par ressemblance ; ou mise en page changée depuis le dernier dépôt.",
        "Vérifiez les colonnes ; rien à faire pour celles qui ne concernent que vous.",
    ),
    "W-DAT": Code(
        "Date comprise à partir d’un mois, d’un trimestre ou d’un nombre, jour de semaine faux, ou dates lues mois d’abord.",
        "Vérifiez la date ; précisez le jour dès qu’il est connu.",
    ),
    "W-DIF": Code(
        "Document nominatif destiné à l’ARS.",
        "Confirmez que c’est voulu ; sinon retirez les noms ou choisissez une autre diffusion.",
    ),
    "W-DSI": Code(
        "L’exercice ne vaut pas pour l’exercice annuel : direction ou métiers absents, ou soins non évalués.",
        "Vérifiez les réponses ; si elles sont justes, conviez-les au prochain exercice et évaluez la prise en charge.",
    ),
    "W-DUP": Code(
        "Deux lignes se ressemblent : même périmètre à un accent près, ou même nom de fichier pour deux documents.",
        "S’il s’agit du même, gardez une seule ligne ; sinon renommez.",
    ),
    "W-DUR": Code(
        "Durée interprétée : fourchette, rythme, unité de la colonne, heure du tableur, arrondi à la minute.",
        "Si ce n’est pas la bonne, écrivez la durée avec son unité : 4 h, 30 min, 3 j.",
    ),
    "W-FIN": Code(
        "Zéro de tête d’un numéro FINESS rendu.",
        "Mettez la colonne au format Texte.",
    ),
    "W-LIG": Code(
        "Ligne sans aucune colonne reconnue, laissée de côté.",
        "Rien à faire, sauf si elle contient des données à importer.",
    ),
    "W-LIM": Code(
        "Cellules au-delà des limites, non lues (après 50 lignes vides, ou trop à droite).",
        "Supprimez les lignes vides, ou rapprochez les colonnes.",
    ),
    "W-MAS": Code(
        "Feuille masquée, non lue ; ou lignes masquées, lues comme les autres.",
        "Affichez la feuille si elle est à importer ; supprimez les lignes qui ne le sont pas.",
    ),
    "W-NOM": Code(
        "Nom de personne là où une fonction est demandée, contact laissé de côté, ou nom et prénom séparés ; jamais répété.",
        "Écrivez une fonction ; les contacts de crise vont dans KIT_ANNUAIRE_CRISE.",
    ),
    "W-NUM": Code(
        "Nombre arrondi, ou 1 compris comme 100 %.",
        "Vérifiez la valeur.",
    ),
    "W-OBJ": Code(
        "Restauration plus longue que l’objectif, ou perte de données au-delà de la PDMA.",
        "Décrivez ce qui sera fait pour y revenir, ou revoyez la cible avec le métier.",
    ),
    "W-PAP": Code(
        "Exemplaire papier plus ancien que la dernière validation.",
        "Imprimez la version en vigueur.",
    ),
    "W-PAR": Code(
        "Feuille Parties non lue : elle est tenue par le GHT.",
        "Rien à faire ; pour corriger une activité combinée, prévenez la DSI du GHT.",
    ),
    "W-PER": Code(
        "Jalon dont l’échéance est postérieure au dépôt de la déclaration.",
        "Vérifiez l’échéance : ce jalon ne compte plus pour la déclaration.",
    ),
    "W-PLA": Code(
        "Planning à colonnes de mois : chaque croix devient un exercice, daté de la fin du mois.",
        "Vérifiez ces lignes avant d’appliquer, et précisez les jours.",
    ),
    "W-PRE": Code(
        "Jalon atteint sans preuve liée.",
        "Écrivez le code de la preuve (feuille Preuves).",
    ),
    "W-REQ": Code(
        "Partie sans FINESS ni nom : un nom provisoire lui est donné.",
        "Écrivez son nom.",
    ),
    "W-RET": Code(
        "Retard : date prévue passée, échéance d’une action passée, RETEX plus de 60 jours après l’exercice.",
        "Mettez à jour l’état, ou saisissez une nouvelle date.",
    ),
    "W-SIG": Code(
        "Présence sans signature : elle n’est pas comptée sans la feuille signée.",
        "Répondez Oui si la personne a signé, et déposez la feuille signée de la session.",
    ),
    "W-SIR": Code(
        "Zéro de tête d’un SIRET rendu.",
        "Mettez la colonne au format Texte.",
    ),
    "W-TEL": Code(
        "Zéro ou + du début d’un téléphone remis.",
        "Vérifiez le numéro, et mettez la colonne au format Texte.",
    ),
    "W-TEN": Code(
        "Le mode dégradé tient moins longtemps que la DIMA, ou moins de 72 h.",
        "Prévoyez comment tenir au-delà : relève, formulaires, renforts.",
    ),
    "W-TOT": Code(
        "Ligne de total laissée de côté.",
        "Rien à faire : Vigie calcule les totaux.",
    ),
    "W-TVA": Code(
        "Taux de TVA qui n’existe pas dans le territoire de l’établissement, à la date de la facture.",
        "Vérifiez le taux sur la facture.",
    ),
}
