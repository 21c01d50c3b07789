"""The chart: it renders and lints, holds no secret, and its pods are restricted."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

CHART = Path(__file__).resolve().parents[2] / "helm"
KUBERNETES = ("1.35", "1.36", "1.37")
PEER = [{"ipBlock": {"cidr": "192.0.2.10/32"}}]
VALUES: dict[str, Any] = {
    "image": {"repository": "vigie.example/vigie", "tag": "0.1.0"},
    "secrets": {"app": "vigie-app", "owner": "vigie-owner"},
    "network": {
        "ingress": {"from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
        "postgresql": {"to": PEER},
        "valkey": {"to": PEER},
    },
}
S3: dict[str, Any] = {
    "storage": {
        "url": "s3://pieces/vigie",
        "s3": {"secret": "vigie-s3", "endpoint": "https://s3.example", "region": "fr"},
    },
    "network": {"s3": {"to": PEER}},
}
EVERYTHING: dict[str, Any] = {
    **S3,
    "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": ["acces-images"]},
    "referentials": {"configMap": "referentiels", "files": ["care_d2/2026-11-30.toml", "obligations/2026-01-01.toml"]},
    "ingress": {"enabled": True, "className": "nginx", "host": "vigie.example", "tlsSecret": "tls"},
    "pod": {"nodeSelector": {"zone": "hds"}, "tolerations": [{"key": "sante", "operator": "Exists"}]},
    "persistence": {"storageClass": "lent"},
}
VARIANTS = pytest.mark.parametrize("changes", [{}, S3, EVERYTHING], ids=["volume", "s3", "everything"])

Manifest = dict[str, Any]


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with the changes laid over it, level by level."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and key in result else value
    return result


def rendered(changes: dict[str, Any] | None = None, values: dict[str, Any] | None = None) -> dict[str, str]:
    with helm_python.Chart.load(str(CHART)) as chart:
        return chart.render(merged(values or VALUES, changes or {}), name="essai", namespace="vigie", is_install=True)


def manifests(changes: dict[str, Any] | None = None) -> list[Manifest]:
    files = rendered(changes)
    return [
        document
        for name, text in files.items()
        if name.endswith(".yaml")
        for document in yaml.safe_load_all(text)
        if document
    ]


def of_kind(documents: list[Manifest], kind: str) -> list[Manifest]:
    return [document for document in documents if document["kind"] == kind]


def pods(documents: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for document in documents:
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]
        if document["kind"] == "CronJob":
            yield document["metadata"]["name"], document["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def named(documents: list[Manifest], kind: str, name: str) -> Manifest:
    (found,) = [document for document in of_kind(documents, kind) if document["metadata"]["name"] == name]
    return found


def secrets_of(pod: Manifest) -> set[str]:
    """Return every Secret a pod reads, by variable, by block of variables or by volume."""
    names = set()
    for container in pod["containers"] + pod.get("initContainers", []):
        names |= {
            entry["valueFrom"]["secretKeyRef"]["name"]
            for entry in container.get("env", [])
            if "secretKeyRef" in entry.get("valueFrom", {})
        }
        names |= {entry["secretRef"]["name"] for entry in container.get("envFrom", []) if "secretRef" in entry}
    return names | {volume["secret"]["secretName"] for volume in pod.get("volumes", []) if "secret" in volume}


@VARIANTS
def test_the_chart_lints_without_a_warning(changes: dict[str, Any]) -> None:
    report = helm_python.lint(str(CHART), merged(VALUES, changes), strict=True)
    assert report["total_charts_linted"] == 1
    assert report.get("errors") in (None, [])
    assert [message for message in report["messages"] or [] if message["severity"] > 1] == []


@pytest.mark.parametrize("version", KUBERNETES)
@VARIANTS
def test_every_manifest_is_valid_for_the_last_three_kubernetes(changes: dict[str, Any], version: str) -> None:
    documents = manifests(changes)
    assert len(documents) > 10
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"inconnu": 1},
        {"web": {"replica": 2}},
        {"scheduler": {"replicas": 2}},
        {"secrets": {"password": "x"}},
        {"web": {"replicas": 0}},
        {"pod": {"user": 0}},
        {"storage": {"url": "/data"}},
        {"storage": {"s3": {"endpoint": "https://cle:secret@s3.example"}}},
        {"image": {"digest": "sha256:123"}},
    ],
)
def test_an_unknown_or_wrong_value_is_refused(changes: dict[str, Any]) -> None:
    with helm_python.Chart.load(str(CHART)) as chart, pytest.raises(helm_python.HelmValuesError):
        chart.validate_schema(merged(VALUES, changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"image": {"tag": ""}}, "image.tag et image.digest sont vides"),
        ({"image": {"repository": ""}}, "image.repository est vide"),
        ({"secrets": {"app": ""}}, "secrets.app est vide"),
        ({"secrets": {"owner": ""}}, "secrets.owner est vide"),
        ({"secrets": {"owner": "vigie-app"}}, "deux Secrets différents"),
        ({"network": {"postgresql": {"to": []}}}, "network.postgresql.to est vide"),
        ({"network": {"valkey": {"to": []}}}, "network.valkey.to est vide"),
        ({"storage": {"url": "s3://pieces"}}, "network.s3.to est vide"),
        ({"ingress": {"enabled": True}}, "ingress.host est vide"),
    ],
)
def test_what_an_installation_must_say_is_asked_for_in_french(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(helm_python.HelmError, match=re.escape(sentence)):
        rendered(changes)


@pytest.mark.parametrize(("group", "key"), [("image", "tag"), ("image", "repository"), ("secrets", "owner")])
def test_nothing_that_must_be_chosen_has_a_default(group: str, key: str) -> None:
    values = copy.deepcopy(VALUES)
    del values[group][key]
    with pytest.raises(helm_python.HelmError, match="vide"):
        rendered(values=values)


def test_a_digest_wins_over_the_tag() -> None:
    digest = "sha256:" + "a" * 64
    images = {pod["containers"][0]["image"] for _, pod in pods(manifests({"image": {"digest": digest}}))}
    assert images == {f"vigie.example/vigie@{digest}"}


@VARIANTS
def test_no_secret_is_written_anywhere(changes: dict[str, Any]) -> None:
    documents = manifests(changes)
    assert of_kind(documents, "Secret") == []
    for document in of_kind(documents, "ConfigMap"):
        assert not {key for key in document["data"] if re.search(r"SECRET|PASSWORD|DATABASE|VALKEY|ACCESS_KEY", key)}
    for name, pod in pods(documents):
        for entry in pod["containers"][0]["env"]:
            if re.search(r"SECRET|PASSWORD|DATABASE|VALKEY|ACCESS_KEY", entry["name"]):
                assert set(entry["valueFrom"]) == {"secretKeyRef"}, (name, entry["name"])
    assert "://" not in (CHART / "values.yaml").read_text(encoding="utf-8").replace("file://", "").replace("s3://", "")


@VARIANTS
def test_every_pod_meets_the_restricted_profile(changes: dict[str, Any]) -> None:
    documents = manifests(changes)
    assert [name for name, _ in pods(documents)] != []
    for name, pod in pods(documents):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] >= 1000, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name
        assert {kind for volume in pod["volumes"] for kind in volume} <= {
            "name",
            "emptyDir",
            "persistentVolumeClaim",
            "configMap",
        }, name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), name
            assert "memory" in container["resources"]["limits"], name
            assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}, name  # noqa: S108
    assert all(account["automountServiceAccountToken"] is False for account in of_kind(documents, "ServiceAccount"))


def test_the_pods_run_the_six_commands() -> None:
    commands = {name: pod["containers"][0]["args"] for name, pod in pods(manifests())}
    assert commands == {
        "essai-vigie-web": ["serve"],
        "essai-vigie-worker": ["worker"],
        "essai-vigie-scheduler": ["relay"],
        "essai-vigie-migration": ["migrate"],
        "essai-vigie-rehash": ["rehash"],
        "essai-vigie-inspect": ["inspect"],
    }


def test_the_scheduler_is_alone_and_never_overlaps_itself() -> None:
    spec = named(manifests({"web": {"replicas": 4}, "worker": {"replicas": 4}}), "Deployment", "essai-vigie-scheduler")[
        "spec"
    ]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}


@VARIANTS
def test_only_the_migration_job_reads_the_owner_secret(changes: dict[str, Any]) -> None:
    readers = {name for name, pod in pods(manifests(changes)) if "vigie-owner" in secrets_of(pod)}
    assert readers == {"essai-vigie-migration"}


def test_the_migration_runs_before_the_release_and_needs_nothing_of_it() -> None:
    documents = manifests()
    hooks = [document for document in documents if "helm.sh/hook" in document["metadata"].get("annotations", {})]
    assert {document["kind"] for document in hooks} == {"Job", "ServiceAccount", "NetworkPolicy"}
    assert {document["metadata"]["annotations"]["helm.sh/hook"] for document in hooks} == {"pre-install,pre-upgrade"}
    job = named(hooks, "Job", "essai-vigie-migration")
    pod = job["spec"]["template"]["spec"]
    weight = {document["kind"]: int(document["metadata"]["annotations"]["helm.sh/hook-weight"]) for document in hooks}
    assert max(weight["ServiceAccount"], weight["NetworkPolicy"]) < weight["Job"]
    assert pod["serviceAccountName"] in {document["metadata"]["name"] for document in of_kind(hooks, "ServiceAccount")}
    assert "envFrom" not in pod["containers"][0]
    assert [volume["name"] for volume in pod["volumes"]] == ["tmp"]
    assert job["spec"]["backoffLimit"] == 0


def test_traffic_is_denied_by_default_and_opened_only_to_the_named_servers() -> None:
    documents = manifests(S3)
    deny = named(documents, "NetworkPolicy", "essai-vigie-deny")["spec"]
    assert (deny["ingress"], deny["egress"], deny["policyTypes"]) == ([], [], ["Ingress", "Egress"])
    egress = named(documents, "NetworkPolicy", "essai-vigie-egress")["spec"]["egress"]
    assert [[port["port"] for port in rule["ports"]] for rule in egress] == [[53, 53], [5432], [6379], [443]]
    assert all(rule["to"] for rule in egress)
    migration = named(documents, "NetworkPolicy", "essai-vigie-migration")["spec"]["egress"]
    assert [[port["port"] for port in rule["ports"]] for rule in migration] == [[53, 53], [5432]]


def test_the_policies_select_the_pods_of_the_release() -> None:
    documents = manifests()
    labels = {
        document["metadata"]["name"]: document["spec"]["template"]["metadata"]["labels"]
        for document in documents
        if document["kind"] in {"Deployment", "Job"}
    }
    deny = named(documents, "NetworkPolicy", "essai-vigie-deny")["spec"]["podSelector"]["matchLabels"]
    assert all(deny.items() <= own.items() for own in labels.values())
    budget = of_kind(documents, "PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"]
    assert [name for name, own in labels.items() if budget.items() <= own.items()] == ["essai-vigie-web"]
    service = of_kind(documents, "Service")[0]["spec"]["selector"]
    assert [name for name, own in labels.items() if service.items() <= own.items()] == ["essai-vigie-web"]


def test_the_web_pods_have_their_probes() -> None:
    (container,) = named(manifests(), "Deployment", "essai-vigie-web")["spec"]["template"]["spec"]["containers"]
    paths = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    assert {probe: container[probe]["httpGet"]["port"] for probe in paths} == dict.fromkeys(paths, "http")


def test_evidence_is_on_a_kept_volume_or_in_s3() -> None:
    claim = named(manifests(), "PersistentVolumeClaim", "essai-vigie-evidence")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert of_kind(manifests({"persistence": {"existingClaim": "deja-la"}}), "PersistentVolumeClaim") == []
    documents = manifests(S3)
    assert of_kind(documents, "PersistentVolumeClaim") == []
    assert named(documents, "ConfigMap", "essai-vigie")["data"]["VIGIE_STORAGE_URL"] == "s3://pieces/vigie"


def test_the_ingress_is_off_until_it_is_asked_for() -> None:
    assert of_kind(manifests(), "Ingress") == []
    (ingress,) = of_kind(manifests(EVERYTHING), "Ingress")
    assert ingress["spec"]["tls"] == [{"hosts": ["vigie.example"], "secretName": "tls"}]


@pytest.mark.parametrize(("command", "hour"), [("rehash", "20 2 * * *"), ("inspect", "20 4 * * *")])
def test_what_is_stored_is_looked_at_each_night_with_the_role_of_the_pages(command: str, hour: str) -> None:
    documents = manifests(S3)
    night = named(documents, "CronJob", f"essai-vigie-{command}")["spec"]
    assert (night["schedule"], night["timeZone"], night["concurrencyPolicy"]) == (
        hour,
        "Europe/Paris",
        "Forbid",
    )
    pod = night["jobTemplate"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert container["args"] == [command]
    assert secrets_of(pod["spec"]) == {"vigie-app", "vigie-s3"}
    component = pod["metadata"]["labels"]["app.kubernetes.io/component"]
    (expression,) = named(documents, "NetworkPolicy", "essai-vigie-egress")["spec"]["podSelector"]["matchExpressions"]
    assert component in expression["values"]


def test_the_antivirus_is_reached_when_it_is_named_and_never_otherwise() -> None:
    antivirus = {"antivirus": {"address": "clamav.example:3310"}}
    assert "VIGIE_CLAMD" not in named(manifests(), "ConfigMap", "essai-vigie")["data"]
    documents = manifests({**antivirus, "network": {"clamd": {"to": PEER}}})
    assert named(documents, "ConfigMap", "essai-vigie")["data"]["VIGIE_CLAMD"] == "clamav.example:3310"
    egress = named(documents, "NetworkPolicy", "essai-vigie-egress")["spec"]["egress"]
    assert [rule["ports"][0]["port"] for rule in egress] == [53, 5432, 6379, 3310]
    with pytest.raises(Exception, match=r"network\.clamd\.to est vide"):
        manifests(antivirus)


def test_the_authority_of_timestamps_is_reached_when_it_is_named_and_never_otherwise() -> None:
    authority = {"timestamp": {"url": "https://tsa.example/", "configMap": "autorites"}}
    assert "VIGIE_TIMESTAMP_URL" not in named(manifests(), "ConfigMap", "essai-vigie")["data"]
    documents = manifests({**authority, "network": {"timestamp": {"to": PEER}}})
    settings = named(documents, "ConfigMap", "essai-vigie")["data"]
    assert settings["VIGIE_TIMESTAMP_URL"] == "https://tsa.example/"
    egress = named(documents, "NetworkPolicy", "essai-vigie-egress")["spec"]["egress"]
    assert [rule["ports"][0]["port"] for rule in egress] == [53, 5432, 6379, 443]
    worker = named(documents, "Deployment", "essai-vigie-worker")["spec"]["template"]["spec"]
    folder, _, name = settings["VIGIE_TIMESTAMP_CA"].rpartition("/")
    (mount,) = [each for each in worker["containers"][0]["volumeMounts"] if each["mountPath"] == folder]
    (volume,) = [each for each in worker["volumes"] if each["name"] == mount["name"]]
    assert volume["configMap"] == {"name": "autorites", "items": [{"key": name, "path": name}]}
    with pytest.raises(Exception, match=r"network\.timestamp\.to est vide"):
        manifests(authority)


def test_the_notes_are_in_french_and_say_how_to_reach_the_application() -> None:
    closed = rendered()["vigie/templates/NOTES.txt"]
    assert "port-forward service/essai-vigie-web" in closed
    assert "https://vigie.example/" in rendered(EVERYTHING)["vigie/templates/NOTES.txt"]


def test_a_referential_of_a_config_map_is_mounted_in_the_folder_of_its_domain() -> None:
    found = 0
    for _, spec in pods(manifests(EVERYTHING)):
        for volume in spec["volumes"]:
            if volume["name"] == "referentials":
                found += 1
                assert volume["configMap"]["items"] == [
                    {"key": "care_d2.2026-11-30.toml", "path": "care_d2/2026-11-30.toml"},
                    {"key": "obligations.2026-01-01.toml", "path": "obligations/2026-01-01.toml"},
                ]
    assert found > 1
