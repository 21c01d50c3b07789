"""K6 `KIT_FINANCEMENT.xlsx`: expenses, what was granted and letters of mission (workbooks.md, 3.6).

What the rules demand is in `funding_rules.py`. The sum of what is charged is not held against the grant here: it is a
question about all expenses, not about a row.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from compliance.models.funding import Expense, Funding
from importers.base import Choice, Column, Kind, Sheet, Workbook
from importers.workbooks import funding_rules as rules
from importers.workbooks.common import gap_if_blank, held_by, not_after_today, owned_by, uploaded
from importers.workbooks.funding_letters import LETTERS

if TYPE_CHECKING:
    from importers.facts import Values

NATURES = (
    Choice(
        "service", "Prestation",
        ("Prestations", "Prestation de service", "Prestation intellectuelle", "Prestations intellectuelles", "Service",
         "Services", "AMOA", "Conseil", "Accompagnement", "Étude", "Audit"),
    ),
    Choice(
        "licence", "Licence / abonnement",
        ("Licence", "Licences", "Abonnement", "Abonnements", "Logiciel", "Logiciels", "SaaS", "Licence et abonnement",
         "Licences / abonnements", "Maintenance"),
    ),
    Choice("equipment", "Matériel", ("Matériels", "Équipement", "Équipements", "Serveur", "Infrastructure", "Hardware")),
    Choice("training", "Formation", ("Formations", "Frais de formation")),
    Choice(
        "staff_time", "Temps interne",
        ("Temps agent", "Temps agents", "Ressources internes", "Ressource interne", "RH", "RH interne",
         "Personnel interne", "Charges de personnel", "Jours internes", "Interne", "Masse salariale", "Temps homme"),
    ),
)  # fmt: skip
SECTIONS = (
    Choice("operating", "Fonctionnement", ("Exploitation", "Fonct", "Fonct.", "F", "OPEX")),
    Choice("investment", "Investissement", ("Invest", "Invest.", "I", "CAPEX")),
)
MARKETS = (
    Choice("uniha", "UniHA", ("Uni HA", "UNIHA")),
    Choice("resah", "Resah", ("RESAH", "Réseau des acheteurs hospitaliers")),
    Choice("caih", "CAIH", ("C.A.I.H.", "Centrale d’achat de l’informatique hospitalière")),
    Choice("ugap", "UGAP", ("U.G.A.P.", "Union des groupements d’achats publics")),
    Choice("own", "Marché propre", ("Propre", "Marché interne", "MAPA", "Marché de l’établissement", "Marché GHT")),
    Choice("other", "Autre", ("Hors marché", "Sans marché", "Gré à gré", "Autres")),
)
STATUSES = (
    Choice("committed", "Engagée", ("Engagé", "Commandée", "Commandé", "Bon de commande", "En commande")),
    Choice("invoiced", "Facturée", ("Facturé", "Facture reçue", "Reçue", "À payer")),
    Choice("warranted", "Mandatée", ("Mandaté", "Mandat émis", "Liquidée", "Liquidé", "Ordonnancée")),
    Choice("paid", "Payée", ("Payé", "Réglée", "Réglé", "Soldée", "Acquittée", "Acquitté")),
)
SCHEMES = (
    Choice("care_d2", "CaRE D2", ("CaRE", "D2", "CaRE domaine 2", "Domaine 2", "CaRE - D2", "Programme CaRE")),
    Choice("care_d1", "CaRE D1", ("D1", "CaRE domaine 1", "Domaine 1", "CaRE - D1")),
    Choice("fir", "FIR", ("Fonds d’intervention régional", "ARS", "FIR ARS")),
    Choice("own_funds", "Fonds propres", ("Autofinancement", "Propre", "Établissement", "Budget propre", "CAF")),
    Choice(
        "other",
        "Autre",
        (
            "Autres",
            "FEDER",
            "Ségur",
        ),
    ),
)


def _rate(label: str, fraction: str, *words: str) -> Choice:
    """Describe a rate of VAT: « 5,5 », « 5.50 % »; `fraction` is what a spreadsheet keeps of a cell shown in percent."""
    longer = (f"{label}0",) if "," in label else (f"{label},0", f"{label},00")
    rates = [f"{number}{sign}" for number in (label, *longer) for sign in ("", " %", "%")]
    numbers = [*rates[1:], *([fraction] if fraction else [])]
    return Choice(
        label.replace(",", "."), label, (*numbers, *(each.replace(",", ".") for each in (label, *numbers)), *words)
    )


RATES = (
    _rate("0", "", "Exonéré", "Exonérée", "Sans TVA", "Non assujetti", "Non soumis", "Néant", "Franchise de TVA"),
    _rate("0,9", "0,009"),
    _rate("1,05", "0,0105"),
    _rate("1,75", "0,0175"),
    _rate("2,1", "0,021", "Super réduit"),
    _rate("5,5", "0,055", "Réduit", "Taux réduit"),
    _rate("8,5", "0,085"),
    _rate("10", "0,1", "0,10", "0.10", "Intermédiaire", "Taux intermédiaire"),
    _rate("13", "0,13", "0.13"),
    _rate("20", "0,2", "0,20", "0.20", "Normal", "Taux normal"),
)

_SCHEME_LABELS = {choice.value: choice.label for choice in SCHEMES}


def funding_key(values: Values) -> str:
    """Return the business key of what was granted: « CaRE D2 / 760780239 / ARS-2026-114 ».

    The holder is part of it: a grant of the GHT and one of its support are kept under the same establishment.
    """
    scheme, holder, reference = values.get("scheme"), values.get("holder"), values.get("reference")
    if not scheme or not holder:
        return ""
    return " / ".join(str(part) for part in (_SCHEME_LABELS[str(scheme)], holder, reference) if part)


EXPENSES = Sheet(
    name="Depenses",
    title="Une facture, un avoir ou un temps interne par ligne",
    one="dépense",
    called="Dépenses",
    synonyms=("Dépense", "Factures", "Suivi des dépenses", "Suivi financier", "Achats", "Liste des factures"),
    record=Expense,
    key=rules.expense_key,
    key_column="invoice_number",
    fields=(
        "line_number", "finess_ej", "objective", "nature", "section", "supplier", "siret", "market", "commitment_number",
        "committed_on", "warrant_number", "invoice_number", "invoiced_on", "paid_on", "net_cents", "vat_rate", "vat_cents",
        "gross_cents", "share_percent", "charged_cents", "receipt", "status", "hours", "hourly_rate_cents",
        "mission_letter", "notes",
    ),
    rules=(
        owned_by(), rules.identity, rules.amounts, rules.vat_here, rules.staff_time, rules.charged, rules.phase,
        not_after_today("invoiced_on", "Une facture ne peut pas être datée dans l’avenir."),
        not_after_today("paid_on", "Un paiement fait ne peut pas être daté dans l’avenir."),
        gap_if_blank("receipt", "Le justificatif manque.", "Déposez la facture ou l’état de temps, et écrivez son nom ici."),
        uploaded("receipt"),
    ),
    sheet_rules=(rules.elsewhere, rules.credit_note),
    columns=(
        Column(
            key="line_number", label="N° ligne", kind=Kind.TEXT, required=True, blank_allowed=True, maximum=20, width=9,
            example="1", help="Numéro de la ligne : gardez-le d’un dépôt à l’autre",
            synonyms=("N° de ligne", "Ligne", "Numéro de ligne", "N° d’ordre", "N°", "Numéro"),
        ),
        Column(
            key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, required=True, blank_allowed=True, width=14,
            example="760780239", help="Entité juridique qui paie : 9 caractères, format Texte",
            synonyms=("FINESS", "N° FINESS", "Numéro FINESS", "N° FINESS EJ", "FINESS juridique",
                      "FINESS entité juridique", "EJ", "FINESS établissement"),
        ),
        Column(
            key="objective", label="Objectif", kind=Kind.OBJECTIVE, required=True, width=12, example="D2.O1.C",
            help="Code de l’objectif du domaine 2, comme D2.O1.C",
            synonyms=("Objectif CaRE", "Code objectif", "Objectif D2", "Objectif concerné", "Objectif du programme"),
        ),
        Column(
            key="nature", label="Nature", kind=Kind.CHOICE, required=True, choices=NATURES, width=20, example="Prestation",
            help="Choisissez dans la liste",
            synonyms=("Nature de la dépense", "Type de dépense", "Catégorie", "Type", "Poste de dépense"),
        ),
        Column(
            key="section", label="Section", kind=Kind.CHOICE, choices=SECTIONS, width=15, example="Fonctionnement",
            help="Choisissez dans la liste", synonyms=("Section budgétaire", "Fonctionnement / investissement", "F/I"),
        ),
        Column(
            key="supplier", label="Fournisseur", kind=Kind.TEXT, required=True, blank_allowed=True, maximum=200, width=28,
            example="Conseil Exemple SAS", help="Raison sociale ; vide pour du temps interne",
            synonyms=("Nom du fournisseur", "Prestataire", "Tiers", "Titulaire", "Raison sociale"),
        ),
        Column(
            key="siret", label="SIRET", kind=Kind.SIRET, required=True, blank_allowed=True, width=17,
            example="12345678200010", help="14 chiffres, format Texte ; vide pour du temps interne",
            synonyms=("N° SIRET", "Numéro SIRET", "SIRET fournisseur", "SIRET du fournisseur", "SIRET prestataire"),
        ),
        Column(
            key="market", label="Marché / centrale", kind=Kind.CHOICE, choices=MARKETS, width=15, example="UniHA",
            help="Choisissez dans la liste",
            synonyms=("Marché", "Centrale", "Centrale d’achat", "Marché ou centrale", "Support d’achat", "Procédure"),
        ),
        Column(
            key="commitment_number", label="N° engagement", kind=Kind.TEXT, maximum=60, width=15, example="E2026-0412",
            help="Numéro de l’engagement ou du bon de commande",
            synonyms=("N° d’engagement", "Numéro d’engagement", "Engagement", "N° de commande", "N° bon de commande",
                      "Bon de commande", "N° BC"),
        ),
        Column(
            key="committed_on", label="Date d’engagement", kind=Kind.DATE, width=12, example=date(2026, 2, 3),
            help="jj/mm/aaaa", synonyms=("Date engagement", "Date de commande", "Date du bon de commande", "Engagée le"),
        ),
        Column(
            key="warrant_number", label="N° mandat", kind=Kind.TEXT, maximum=60, width=13, help="Numéro du mandat",
            synonyms=("N° de mandat", "Numéro de mandat", "Mandat"),
        ),
        Column(
            key="invoice_number", label="N° facture", kind=Kind.TEXT, required=True, blank_allowed=True, maximum=60,
            width=15, example="F-2026-118", help="Comme sur la facture ; vide pour du temps interne",
            synonyms=("N° de facture", "Numéro de facture", "Facture", "N° facture fournisseur", "Réf. facture",
                      "Référence facture", "N° de la facture"),
        ),
        Column(
            key="invoiced_on", label="Date facture", kind=Kind.DATE, required=True, blank_allowed=True, width=12,
            example=date(2026, 3, 31), help="jj/mm/aaaa",
            synonyms=("Date de facture", "Date de la facture", "Date de facturation", "Facturé le"),
        ),
        Column(
            key="paid_on", label="Date de paiement", kind=Kind.DATE, width=12, help="jj/mm/aaaa",
            synonyms=("Date paiement", "Payé le", "Date de règlement", "Réglé le"),
        ),
        Column(
            key="net_cents", label="Montant HT", kind=Kind.MONEY, required=True, width=13, example=Decimal("10000.00"),
            help="En euros ; négatif pour un avoir",
            synonyms=("HT", "Montant H.T.", "Total HT", "Montant HT (€)", "Montant € HT", "Prix HT", "Montant hors taxes"),
        ),
        Column(
            key="vat_rate", label="Taux TVA", kind=Kind.CHOICE, choices=RATES, width=9, example="20",
            help="0 ; 2,1 ; 5,5 ; 10 ou 20, ou un taux de Corse ou d’outre-mer ; vide si la facture a plusieurs taux",
            synonyms=("Taux de TVA", "TVA (%)", "TVA %", "% TVA", "Taux TVA (%)"),
        ),
        Column(
            key="vat_cents", label="TVA", kind=Kind.MONEY, width=12, example=Decimal("2000.00"), help="En euros",
            synonyms=("Montant TVA", "Montant de la TVA", "TVA (€)", "Montant T.V.A."),
        ),
        Column(
            key="gross_cents", label="Montant TTC", kind=Kind.MONEY, required=True, width=13, example=Decimal("12000.00"),
            help="En euros ; négatif pour un avoir",
            synonyms=("TTC", "Montant T.T.C.", "Total TTC", "Montant TTC (€)", "Montant € TTC", "Prix TTC",
                      "Montant toutes taxes comprises"),
        ),
        Column(
            key="share_percent", label="Part imputée CaRE (%)", kind=Kind.PERCENT, required=True, width=11,
            example=Decimal(100), help="De 0 à 100 : part de cette dépense qui relève du programme",
            synonyms=("Part imputée", "Part imputée CaRE", "Part CaRE", "% CaRE", "Part imputée (%)", "Quote-part",
                      "% imputé", "Taux d’imputation", "Part CaRE (%)"),
        ),
        Column(
            key="charged_cents", label="Montant imputé", kind=Kind.MONEY, width=13, example=Decimal("12000.00"),
            help="En euros, au plus le montant TTC",
            synonyms=("Montant imputé CaRE", "Montant CaRE", "Montant éligible", "Imputé", "Montant imputé (€)"),
        ),
        Column(
            key="receipt", label="Justificatif (fichier)", kind=Kind.FILE, required=True, blank_allowed=True, width=26,
            example="F-2026-118.pdf", help="Nom du fichier déposé dans Vigie",
            synonyms=("Justificatif", "Pièce justificative", "Fichier", "Fichier facture", "Pièce", "Preuve",
                      "Nom du fichier", "Facture (fichier)"),
        ),
        Column(
            key="status", label="Statut", kind=Kind.CHOICE, choices=STATUSES, width=12, example="Facturée",
            help="Choisissez dans la liste",
            synonyms=("État", "Statut de la dépense", "État de la dépense", "Avancement", "Situation"),
        ),
        Column(
            key="hours", label="Heures", kind=Kind.NUMBER, low=0, high=1_000_000, width=10,
            help="Temps interne seulement : nombre d’heures",
            synonyms=("Nombre d’heures", "Nb heures", "Heures passées", "Temps passé (h)", "Volume horaire"),
        ),
        Column(
            key="hourly_rate_cents", label="Taux horaire", kind=Kind.MONEY, low=0, width=12,
            help="Temps interne seulement : coût d’une heure, en euros",
            synonyms=("Coût horaire", "Taux horaire (€)", "Coût horaire chargé", "Taux horaire chargé", "€/h"),
        ),
        Column(
            key="mission_letter", label="Lettre de mission", kind=Kind.CODE, refers="Lettres_de_mission", width=14,
            help="Temps interne seulement : le code donné à la lettre dans la feuille Lettres_de_mission",
            synonyms=("Code lettre de mission", "N° lettre de mission"),
        ),
        Column(
            key="notes", label="Observations", kind=Kind.TEXT, width=28,
            help="Facultatif ; pour un avoir, le numéro de la facture corrigée",
            synonyms=("Observation", "Commentaire", "Commentaires", "Remarques", "Remarque"),
        ),
    ),
)  # fmt: skip

FUNDINGS = Sheet(
    name="Financements",
    title="Un financement notifié par ligne",
    one="financement",
    synonyms=("Financement", "Subventions", "Recettes", "Crédits", "Crédits notifiés", "Aides", "Notifications"),
    record=Funding,
    key=funding_key,
    key_column="scheme",
    fields=(
        "scheme", "holder", "notified_cents", "notified_on", "advance_cents", "advance_on", "balance_cents", "reference",
    ),
    rules=(
        held_by(),
        not_after_today("notified_on", "Une notification reçue ne peut pas être datée dans l’avenir."),
        not_after_today("advance_on", "Une avance reçue ne peut pas être datée dans l’avenir."),
    ),
    columns=(
        Column(
            key="scheme", label="Dispositif", kind=Kind.CHOICE, required=True, choices=SCHEMES, width=16,
            example="CaRE D2", help="Choisissez dans la liste",
            synonyms=("Financeur", "Source de financement", "Programme", "Enveloppe", "Type de financement"),
        ),
        Column(
            key="holder", label="Candidat", kind=Kind.HOLDER, required=True, blank_allowed=True, width=16,
            example="760780239", help="FINESS EJ, ou code du GHT",
            synonyms=("Candidat (EJ ou GHT)", "Bénéficiaire", "FINESS EJ", "FINESS", "EJ ou GHT", "Établissement", "GHT",
                      "FINESS EJ ou code GHT"),
        ),
        Column(
            key="notified_cents", label="Montant notifié", kind=Kind.MONEY, required=True, low=0, width=14,
            example=Decimal("180000.00"), help="En euros",
            synonyms=("Montant", "Montant accordé", "Montant attribué", "Notifié", "Montant notifié (€)",
                      "MONTANT_NOTIFIE", "Subvention"),
        ),
        Column(
            key="notified_on", label="Date de notification", kind=Kind.DATE, width=13, example=date(2026, 1, 20),
            help="jj/mm/aaaa", synonyms=("Date notification", "Notifié le", "Date de la notification", "Date de l’arrêté",
                                         "DATE_DOCUMENT"),
        ),
        Column(
            key="advance_cents", label="Avance reçue", kind=Kind.MONEY, low=0, width=13, example=Decimal("60000.00"),
            help="En euros", synonyms=("Avance", "Montant de l’avance", "Acompte", "Avance versée", "Acompte reçu"),
        ),
        Column(
            key="advance_on", label="Date", kind=Kind.DATE, width=12, example=date(2026, 2, 27),
            help="jj/mm/aaaa : date de réception de l’avance",
            synonyms=("Date de l’avance", "Date avance", "Date de réception de l’avance", "Date de versement",
                      "Avance reçue le", "Date de l’acompte"),
        ),
        Column(
            key="balance_cents", label="Solde attendu", kind=Kind.MONEY, low=0, width=13, example=Decimal("120000.00"),
            help="En euros", synonyms=("Solde", "Reste à percevoir", "Solde à recevoir", "Solde à percevoir"),
        ),
        Column(
            key="reference", label="Référence", kind=Kind.TEXT, maximum=120, width=22, example="ARS-2026-114",
            help="Numéro de la décision ou de l’arrêté ; distingue deux financements du même dispositif",
            synonyms=("Réf.", "N° de décision", "N° d’arrêté", "Numéro de décision", "N° de convention", "Convention",
                      "NUM_ARRETE_DA"),
        ),
    ),
)  # fmt: skip

FUNDING = Workbook(
    code="KIT_FINANCEMENT",
    version=1,
    title="Dépenses et financements",
    accepted=(
        "Ce classeur, ou votre propre tableau (.xlsx, .ods, .xls, .csv). Les lignes de total sont ignorées, les "
        "montants sont lus au centime ; rien n’est enregistré avant votre confirmation."
    ),
    about=(
        "Les dépenses de la phase opérationnelle, avec leur facture et la part imputée au programme, les montants "
        "notifiés et les lettres de mission du temps interne. Les justificatifs se déposent comme pièces."
    ),
    sheets=(EXPENSES, FUNDINGS, LETTERS),
)
