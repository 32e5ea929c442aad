"""Every setting of every process, read once at start from the environment and handed down."""

from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

DIGEST = r"^((sha256:)?[0-9a-f]{64})?$"

WithoutKeys = Literal["loopback", "anyone", "nobody"]
"""Who may call while there are no keys."""


class Settings(BaseSettings):
    """One field per environment variable of the same name in capitals; the description is its line in .env.example."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    # where things are
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0", pattern=r"^(rediss?|unix)://", description="Redis: state, events and queue"
    )
    broker_url: str = Field(
        "",
        pattern=r"^$|^(rediss?|unix|amqps?)://",
        description="what carries the messages that wake workers: a Redis, or RabbitMQ (amqp://); empty: REDIS_URL",
    )
    image_store_url: str = Field(
        "./var/images",
        description="where pictures are kept: a folder (path or file:// URL), or a bucket (s3://, gs:// or az://)",
    )
    dialogue_url: str = Field(
        "http://127.0.0.1:8101", pattern=r"^https?://.", description="where the gateway finds the dialogue service"
    )

    # models
    dialogue_model: str = Field("checkpoints/mini-dialogue", description="dialogue model: a folder or Hugging Face id")
    editing_model: str = Field("checkpoints/mini-editor", description="editing model: a folder or Hugging Face id")
    dialogue_model_digest: str = Field(
        "",
        pattern=DIGEST,
        description="digest that the dialogue model's weights must have (GET /v1/models); empty: any",
    )
    editing_model_digest: str = Field(
        "", pattern=DIGEST, description="digest that the editing model's weights must have (GET /v1/models); empty: any"
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="where the models run: auto, cpu or cuda")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="number type of the models: auto, float32, bfloat16 or float16"
    )
    threads: int = Field(
        0, ge=0, description="threads that an editing worker computes with on a CPU; 0: what was quickest when tried"
    )
    cuda_graphs: bool = Field(
        False, description="whether the editing model's U-Net runs from CUDA graphs; has no effect on a CPU"
    )
    side_stream: bool = Field(
        True, description="whether a GPU encodes and decodes pictures beside the steps; has no effect on a CPU"
    )
    choices_file: str = Field(
        "./var/choices.json",
        description="where an editing worker on a CPU keeps what was quickest there: number type and threads",
    )

    # dialogue service
    dialogue_host: str = Field("127.0.0.1", description="address that the dialogue service listens on")
    dialogue_port: int = Field(8101, ge=1, le=65535, description="port that the dialogue service listens on")
    dialogue_asks_below: float = Field(
        0.45,
        ge=0,
        le=1,
        description="how likely the dialogue model must find an edit to make it without asking; 0: any will do",
    )
    dialogue_timeout_s: float = Field(20.0, gt=0, description="how long the gateway waits for a reply")

    # queue and editing worker
    engine_slots: int = Field(16, ge=1, le=256, description="edits that one worker runs at once")
    max_queue: int = Field(200, ge=1, description="edits that may wait; more get 503 queue-full")
    max_open_edits: int = Field(
        100,
        ge=0,
        description="edits of one tenant that may wait or run, unless its key says otherwise; more get 429 "
        "too-many-open-edits; 0 for no limit, as there is none without keys",
    )
    max_attempts: int = Field(3, ge=1, description="how often an edit is tried when its workers are lost")
    lease_s: float = Field(20.0, gt=0, description="how long a worker may be silent before its edits go to another")
    sweep_interval_s: float = Field(2.0, gt=0, description="how often the gateway looks for lost edits")
    resend_after_s: float = Field(
        5.0,
        gt=0,
        description="how long a waiting edit is left alone while slots are free before its message is sent again",
    )
    max_edit_s: float = Field(300.0, gt=0, description="longest time one edit may run")
    step_timeout_s: float = Field(60.0, gt=0, description="a step that takes longer has hung: the worker exits")
    idle_timeout_s: float = Field(
        60.0, gt=0, description="a worker that takes nothing for so long while edits wait is deaf: it exits"
    )
    heartbeat_s: float = Field(2.0, gt=0, description="how often a worker tells that it is alive")

    # gateway
    gateway_host: str = Field("127.0.0.1", description="address that the gateway listens on")
    gateway_port: int = Field(8000, ge=1, le=65535, description="port that the gateway listens on")
    graceful_shutdown_s: int = Field(10, ge=0, description="how long open requests may go on after SIGTERM")
    stuck_after_s: float = Field(
        20, ge=0, description="after how long without a sign of its event loop an HTTP process ends; 0 for never"
    )
    api_keys: str = Field(
        "",
        description="comma-separated prefix:sha256hex of keys that may call, beside those of `python -m gateway.keys`",
    )
    without_keys: WithoutKeys = Field(
        "loopback",
        description="who may call while there are no keys, neither in API_KEYS nor in Redis: loopback, nobody, or "
        "anyone who reaches the port, where something else keeps strangers from it (the port of a container)",
    )
    rate_limit_per_minute: int = Field(
        0, ge=0, description="requests a minute and tenant, unless its key says otherwise; 0 for no limit"
    )
    max_body_bytes: int = Field(20 * 2**20, ge=1, description="largest request body")
    max_import_bytes: int = Field(
        200 * 2**20, ge=1, description="largest archive of a conversation that can be imported"
    )
    max_pixels: int = Field(64_000_000, ge=1, description="most pixels of an uploaded picture")
    max_side: int = Field(4096, ge=1, description="longest side of an uploaded picture, in pixels")
    sse_heartbeat_s: float = Field(15.0, gt=0, description="pause between heartbeats on an event stream")
    openai_wait_s: int = Field(
        570,
        ge=1,
        description="how long a call of /openai/v1/images/edits waits for its pictures; OpenAI's clients wait 600 s",
    )
    idempotency_ttl_s: int = Field(24 * 3600, ge=1, description="how long the answer to an idempotency key is kept")
    conversation_ttl_s: int = Field(
        90 * 24 * 3600,
        ge=0,
        description="how long a conversation is kept after its last change, with its pictures; 0: for ever",
    )
    edit_ttl_s: int = Field(
        7 * 24 * 3600,
        ge=0,
        description="how long a finished free-standing edit is kept, with its pictures; 0: for ever",
    )
    study_ttl_s: int = Field(
        365 * 24 * 3600,
        ge=0,
        description="how long a study is kept after its last vote, with its pictures; 0: for ever",
    )
    unused_image_ttl_s: int = Field(
        24 * 3600, ge=0, description="how long a stored picture is kept that nothing uses; 0: for ever"
    )
    orphans_interval_s: int = Field(
        3600, ge=0, description="how often the image store is searched for files that belong to nothing; 0: never"
    )
    edit_events_ttl_s: int = Field(
        24 * 3600, ge=60, description="how long the events of a finished free-standing edit are kept"
    )
    event_stream_length: int = Field(2_000, ge=10, description="events kept per conversation or edit")

    # webhooks
    webhook_secrets: str = Field(
        "",
        description="comma-separated whsec_ secrets that sign webhooks, each time with all of them; "
        "`python -m gateway.webhooks secret` makes one; empty: webhook_url is refused",
    )
    webhook_allow: str = Field(
        "",
        description="comma-separated host names, addresses and networks that webhooks may go to "
        "though they are not public",
    )
    webhook_timeout_s: float = Field(15.0, gt=0, description="how long one try to deliver a webhook may take")
    webhook_retry_scale: float = Field(
        1.0, gt=0, description="what the pauses between tries of a webhook (5 s to 24 h) are multiplied by"
    )
    webhook_metrics_port: int = Field(
        0, ge=0, le=65535, description="port of the webhook worker's /metrics; 0 for none"
    )

    # observing
    trace_to: str = Field(
        "", description="where traces go: an OTLP/HTTP endpoint, such as http://127.0.0.1:4318/v1/traces, or a file"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    metrics_host: str = Field(
        "127.0.0.1", description="address that the /metrics of editing and webhook workers listens on"
    )
    metrics_port: int = Field(0, ge=0, le=65535, description="port of the editing worker's /metrics; 0 for none")


def read_settings() -> Settings:
    """Read the environment; raises pydantic's ValidationError, which names the wrong setting."""
    return Settings()


def wrong_settings(error: ValidationError) -> list[str]:
    """Say of each setting that can't be read what is wrong, naming it as the environment does."""
    return [f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]


def listed(text: str) -> list[str]:
    """The entries of a comma-separated setting, without those that are empty."""
    return [entry for part in text.split(",") if (entry := part.strip())]
