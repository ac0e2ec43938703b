"""What the decoders of self-describing binary formats (MessagePack, CBOR) share."""

from decimal import Decimal

from scantrail.decoders import evidence
from scantrail.decoders.values import Members, Value

MIN_SURE = 4  # bytes


def one_or_all(documents: list[Value]) -> Value:
    """A map or array, or a sequence of such; anything else at the top says too little."""
    if not documents or not all(isinstance(document, Members | list) for document in documents):
        return None
    return documents[0] if len(documents) == 1 else documents


def believed(value: Value) -> Value:
    """The value, if more speaks for it than noise would show."""
    return value if value is not None and evidence.value_bits(value) >= evidence.SURE else None


def name(key: object) -> str:
    """A key of a map as a name."""
    if isinstance(key, bytes):
        return key.decode("utf-8", "backslashreplace")
    return str(key) if isinstance(key, str | int | Decimal) else type(key).__name__
