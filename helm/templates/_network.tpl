{{- define "vigie.dnsRule" -}}
- to:
    {{- toYaml .Values.network.dns.to | nindent 4 }}
  ports:
    - {protocol: UDP, port: {{ .Values.network.dns.port }}}
    - {protocol: TCP, port: {{ .Values.network.dns.port }}}
{{- end }}

{{/* An empty `to` in a NetworkPolicy means "anywhere": the chart refuses it instead of opening everything. */}}
{{- define "vigie.egressRule" -}}
{{- if not .rule.to }}{{ fail (printf "network.%s.to est vide : indiquez où se trouve ce serveur (tout autre trafic sortant est interdit)." .name) }}{{ end -}}
- to:
    {{- toYaml .rule.to | nindent 4 }}
  ports:
    - {protocol: TCP, port: {{ .rule.port }}}
{{- end }}
