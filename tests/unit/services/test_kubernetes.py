"""The manifests are valid, fit the processes they start, and give them no more rights than they need."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml
from prometheus_client import CollectorRegistry, start_http_server

from editing_service.metrics import WorkerMetrics
from gateway.app import create_app
from gateway.metrics import OF_STORAGE
from services.local.process import ROOT
from shared.settings import Settings
from tests.kustomize import KEYS, Object, build, containers, pod

FOLDER = ROOT / "services" / "kubernetes"
OVERLAYS = ("cpu", "gpu")
KUBERNETES = "1.34"
OURS = ("gateway", "dialogue", "editing")
MINUTE_S = 60


@pytest.fixture(params=OVERLAYS)
def objects(request: pytest.FixtureRequest) -> list[Object]:
    """Everything that an overlay makes."""
    return build(FOLDER / request.param)


def of_kind(objects: list[Object], kind: str, name: str | None = None) -> list[Object]:
    """The objects of one kind, or the one of this name."""
    return [each for each in objects if each["kind"] == kind and name in (None, each["metadata"]["name"])]


def workloads(objects: list[Object]) -> list[Object]:
    """What has pods."""
    return [each for each in objects if pod(each)]


def settings_of(objects: list[Object], name: str) -> dict[str, str]:
    """The variables of a deployment, those that are secret with nothing in them."""
    [deployment] = of_kind(objects, "Deployment", name)
    [shared] = of_kind(objects, "ConfigMap")
    [container] = containers(deployment)
    return {**shared["data"], **{each["name"]: each.get("value", "") for each in container["env"]}}


def test_kubernetes_own_schemas_accept_everything_but_what_is_kedas(objects: list[Object]) -> None:
    plain = [each for each in objects if not each["apiVersion"].startswith("keda.sh/")]
    assert len(plain) == len(objects) - 1
    for each in plain:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl to build with; the helper alone has built")
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubectl_builds_what_the_helper_of_these_tests_builds(overlay: str) -> None:
    built = subprocess.run(
        ["kubectl", "kustomize", str(FOLDER / overlay)], capture_output=True, text=True, check=True
    ).stdout
    assert in_order(list(yaml.safe_load_all(built))) == in_order(build(FOLDER / overlay))


def in_order(value: Any, name: str = "") -> Any:
    """The same with every list whose order means nothing sorted."""
    if isinstance(value, dict):
        return {key: in_order(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((in_order(item) for item in value), key=_as_text) if name in ("", *KEYS) else value
    return value


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def test_pods_are_given_settings_that_exist_with_values_that_work(objects: list[Object]) -> None:
    for name in (*OURS, "webhooks"):
        told = settings_of(objects, name)
        assert {variable.lower() for variable in told} - set(Settings.model_fields) == set()
        there = {variable.lower(): value for variable, value in told.items()}
        Settings.model_validate(there | {"redis_url": "redis://redis:6379/0"})


def test_secrets_come_from_the_secret_and_are_nowhere_written(objects: list[Object]) -> None:
    assert of_kind(objects, "Secret") == []
    keys = {
        each["valueFrom"]["secretKeyRef"]["key"]
        for one in workloads(objects)
        for container in containers(one)
        for each in container["env"]
        if "valueFrom" in each
    }
    assert keys == {"redis-password", "redis-url", "api-keys", "webhook-secrets"}
    guide = (ROOT / "docs" / "cluster.md").read_text()
    assert all(f"--from-literal={key}=" in guide for key in keys)


def test_every_pod_is_restricted_and_learns_nothing_of_the_cluster(objects: list[Object]) -> None:
    for one in workloads(objects):
        spec = pod(one)
        assert spec["automountServiceAccountToken"] is spec["enableServiceLinks"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(one):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", OURS)
def test_pods_run_as_the_user_that_the_image_has(name: str) -> None:
    dockerfile = (ROOT / "services" / name / "Dockerfile").read_text()
    [deployment] = of_kind(build(FOLDER / "base"), "Deployment", name)
    assert f"--uid {pod(deployment)['securityContext']['runAsUser']} " in dockerfile


def test_a_pod_has_time_to_finish_the_longest_that_it_may_have_begun(objects: list[Object]) -> None:
    grace = {each["metadata"]["name"]: pod(each)["terminationGracePeriodSeconds"] for each in workloads(objects)}
    told = {name: settings_of(objects, name) for name in OURS}
    assert grace["editing"] >= float(told["editing"]["MAX_EDIT_S"]) + MINUTE_S
    default_s = Settings().graceful_shutdown_s
    assert grace["gateway"] > default_s + 5
    assert grace["dialogue"] > default_s + 5


def test_services_lead_to_ports_that_the_processes_listen_on(objects: list[Object]) -> None:
    listening = {
        "gateway": settings_of(objects, "gateway")["GATEWAY_PORT"],
        "dialogue": settings_of(objects, "dialogue")["DIALOGUE_PORT"],
        "editing": settings_of(objects, "editing")["METRICS_PORT"],
        "webhooks": settings_of(objects, "webhooks")["WEBHOOK_METRICS_PORT"],
        "redis": "6379",
    }
    ports = {
        (each["metadata"]["name"], port["name"]): str(port["containerPort"])
        for each in workloads(objects)
        for port in containers(each)[0]["ports"]
    }
    for service in of_kind(objects, "Service"):
        for port in service["spec"]["ports"]:
            app = service["spec"]["selector"]["app"]
            assert ports[app, port["targetPort"]] == listening[app]
    found = urlsplit(settings_of(objects, "gateway")["DIALOGUE_URL"])
    [dialogue] = of_kind(objects, "Service", str(found.hostname))
    assert dialogue["spec"]["ports"][0]["port"] == found.port


def test_probes_ask_paths_that_the_gateway_has(objects: list[Object]) -> None:
    [gateway] = containers(of_kind(objects, "Deployment", "gateway")[0])
    asked = {gateway[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {"/livez", "/readyz"}
    assert asked <= set(create_app(Settings()).openapi()["paths"])


@pytest.mark.parametrize("warm", [False, True])
def test_a_worker_is_ready_once_its_model_is_warm(warm: bool) -> None:
    [worker] = containers(of_kind(build(FOLDER / "base"), "Deployment", "editing")[0])
    _, *arguments = worker["readinessProbe"]["exec"]["command"]
    metrics = WorkerMetrics()
    if warm:
        metrics.model.loaded("tiny", "0" * 64, 1.0, lambda: 0)
    with served(metrics.registry) as port:
        probe = [sys.executable, *(argument.replace("9101", str(port)) for argument in arguments)]
        assert subprocess.run(probe, check=False, env={}).returncode == (0 if warm else 1)


@contextmanager
def served(registry: CollectorRegistry) -> Iterator[int]:
    """Answer with these metrics; gives the port."""
    server, thread = start_http_server(0, "127.0.0.1", registry)
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_keda_scales_workers_by_all_open_edits_and_never_to_none(objects: list[Object]) -> None:
    [scaled] = [each["spec"] for each in of_kind(objects, "ScaledObject")]
    [trigger] = scaled["triggers"]
    asked, (service,) = urlsplit(trigger["metadata"]["url"]), of_kind(objects, "Service", "gateway-metrics")
    assert of_kind(objects, "Deployment", scaled["scaleTargetRef"]["name"])
    assert (trigger["type"], trigger["metadata"]["format"]) == ("metrics-api", "prometheus")
    assert trigger["metadata"]["valueLocation"].removeprefix("dialogpaint_") in OF_STORAGE
    assert str(asked.hostname).split(".")[:3] == ["gateway-metrics", service["metadata"]["namespace"], "svc"]
    assert (asked.port, asked.path) == (service["spec"]["ports"][0]["port"], "/metrics")
    assert 1 <= int(trigger["metadata"]["targetValue"]) <= int(settings_of(objects, "editing")["ENGINE_SLOTS"])
    assert 1 <= scaled["minReplicaCount"] <= scaled["maxReplicaCount"]


def test_every_workload_may_be_disrupted_only_within_a_budget(objects: list[Object]) -> None:
    budgets = {each["spec"]["selector"]["matchLabels"]["app"] for each in of_kind(objects, "PodDisruptionBudget")}
    assert budgets == {each["spec"]["selector"]["matchLabels"]["app"] for each in workloads(objects)}


def test_only_gateways_and_both_kinds_of_workers_reach_redis_and_nothing_is_open_by_default(
    objects: list[Object],
) -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in of_kind(objects, "NetworkPolicy")}
    assert policies["nothing-else"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    [into_redis] = policies["redis"]["ingress"]
    [who] = into_redis["from"][0]["podSelector"]["matchExpressions"]
    assert who == {"key": "app", "operator": "In", "values": ["gateway", "editing", "webhooks"]}


def test_only_the_gpu_overlay_asks_for_gpus() -> None:
    for overlay, wanted in (("cpu", None), ("gpu", "1")):
        for name in ("dialogue", "editing"):
            [container] = containers(of_kind(build(FOLDER / overlay), "Deployment", name)[0])
            assert container["resources"]["limits"].get("nvidia.com/gpu") == wanted


def test_redis_keeps_its_file_on_a_claim_of_its_own() -> None:
    [redis] = of_kind(build(FOLDER / "base"), "StatefulSet", "redis")
    [container] = containers(redis)
    configuration = (ROOT / "services" / "redis" / "redis.conf").read_text()
    assert "appendonly yes" in configuration
    assert f"COPY services/redis/redis.conf {container['args'][1]}" in (ROOT / "services/redis/Dockerfile").read_text()
    [claim] = redis["spec"]["volumeClaimTemplates"]
    assert {"name": claim["metadata"]["name"], "mountPath": "/data"} in container["volumeMounts"]
    assert "dir /data" in configuration
