{{- define "vigie.name" -}}
{{- if contains "vigie" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-vigie" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "vigie.selector" -}}
app.kubernetes.io/name: vigie
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vigie.labels" -}}
{{ include "vigie.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "vigie.image" -}}
{{- $image := .Values.image }}
{{- if not $image.repository }}{{ fail "image.repository est vide : indiquez le dépôt de l’image." }}{{ end }}
{{- if $image.digest }}{{ printf "%s@%s" $image.repository $image.digest }}
{{- else if $image.tag }}{{ printf "%s:%s" $image.repository $image.tag }}
{{- else }}{{ fail "image.tag et image.digest sont vides : indiquez la version de l’image à installer." }}{{ end }}
{{- end }}

{{- define "vigie.s3" -}}
{{- if hasPrefix "s3://" .Values.storage.url }}true{{ end }}
{{- end }}

{{/* What every pod has: restricted profile, no service-account token, temporary folder. */}}
{{- define "vigie.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.pod.user }}
  runAsGroup: {{ .Values.pod.user }}
  fsGroup: {{ .Values.pod.user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "vigie.container" -}}
image: {{ include "vigie.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "vigie.secretEnv" -}}
- name: VIGIE_DATABASE_URL
  valueFrom:
    secretKeyRef: {name: {{ .Values.secrets.app | quote }}, key: database-url}
- name: VIGIE_VALKEY_URL
  valueFrom:
    secretKeyRef: {name: {{ .Values.secrets.app | quote }}, key: valkey-url}
- name: VIGIE_SECRET_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.secrets.app | quote }}, key: secret-key}
{{- end }}

{{/* Environment of web, worker and scheduler. */}}
{{- define "vigie.env" -}}
envFrom:
  - configMapRef:
      name: {{ include "vigie.name" . }}
env:
  {{- include "vigie.secretEnv" . | nindent 2 }}
  {{- if and (include "vigie.s3" .) .Values.storage.s3.secret }}
  - name: AWS_ACCESS_KEY_ID
    valueFrom:
      secretKeyRef: {name: {{ .Values.storage.s3.secret | quote }}, key: access-key-id}
  - name: AWS_SECRET_ACCESS_KEY
    valueFrom:
      secretKeyRef: {name: {{ .Values.storage.s3.secret | quote }}, key: secret-access-key}
  {{- end }}
{{- end }}

{{- define "vigie.mounts" -}}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if not (include "vigie.s3" .) }}
  - name: evidence
    mountPath: {{ trimPrefix "file://" .Values.storage.url | quote }}
  {{- end }}
  {{- if .Values.referentials.configMap }}
  - name: referentials
    mountPath: /etc/vigie/referentials
    readOnly: true
  {{- end }}
  {{- if .Values.timestamp.configMap }}
  - name: timestamp
    mountPath: /etc/vigie/timestamp
    readOnly: true
  {{- end }}
{{- end }}

{{- define "vigie.volumes" -}}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: {{ .Values.pod.temporarySize }}
  {{- if not (include "vigie.s3" .) }}
  - name: evidence
    persistentVolumeClaim:
      claimName: {{ .Values.persistence.existingClaim | default (printf "%s-evidence" (include "vigie.name" .)) }}
  {{- end }}
  {{- if .Values.timestamp.configMap }}
  - name: timestamp
    configMap:
      name: {{ .Values.timestamp.configMap }}
      items: [{key: authorities.pem, path: authorities.pem}]
  {{- end }}
  {{- include "vigie.referentials" . | nindent 2 }}
{{- end }}

{{/* A key of a ConfigMap holds no slash: care_d2.2026-11-30.toml is mounted as care_d2/2026-11-30.toml. */}}
{{- define "vigie.referentials" -}}
{{- if .Values.referentials.configMap }}
- name: referentials
  configMap:
    name: {{ .Values.referentials.configMap }}
    items:
      {{- range .Values.referentials.files }}
      - key: {{ . | replace "/" "." | quote }}
        path: {{ . | quote }}
      {{- end }}
{{- end }}
{{- end }}

{{/* What values.yaml leaves empty and an installation must say; the shapes are checked by values.schema.json. */}}
{{- define "vigie.check" -}}
{{- if not .Values.secrets.app }}{{ fail "secrets.app est vide : indiquez le nom du Secret qui contient database-url, valkey-url et secret-key." }}{{ end }}
{{- if not .Values.secrets.owner }}{{ fail "secrets.owner est vide : indiquez le nom du Secret qui contient owner-database-url." }}{{ end }}
{{- if eq .Values.secrets.app .Values.secrets.owner }}{{ fail "secrets.app et secrets.owner doivent être deux Secrets différents : seul le job de migration lit l’adresse du propriétaire." }}{{ end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}{{ fail "ingress.host est vide alors que ingress.enabled est à true." }}{{ end }}
{{- end }}
