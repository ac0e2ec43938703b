"""Who learns what a code tells: whoever reads it, the app that takes its link, the hosts that are sent the link."""

from collections.abc import Mapping

from scantrail.model import split_url

READER = "anyone who reads the code"
_APPS = {"alipays": "Alipay", "alipay": "Alipay", "weixin": "WeChat", "wxp": "WeChat", "upwallet": "UnionPay"}


def receivers(payload: str, path: str, hosts: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Who learns what stands at a path, and how; `hosts` are those of the links in the payload, by their paths."""
    url = split_url(payload)
    if url is None:
        return (READER,), "it is readable in the code"
    scheme = payload.partition(":")[0].lower()
    if scheme in ("http", "https"):
        first, how = url.hostname or "", f"a browser that opens the link sends it to {url.hostname}"
        if path.startswith("fragment"):
            return (READER,), f"after #: no browser sends it to {first}, but a script of its page could read it"
    else:
        first = f"the app for {scheme}: links" + (f" ({_APPS[scheme]})" if scheme in _APPS else "")
        how = "the phone hands the link to the app"
    inner: list[str] = []
    for link, host in sorted(hosts.items(), key=lambda item: len(item[0])):
        if path.startswith(f"{link}.fragment"):
            return (READER, first, *inner), f"{how}; it is after # in the link to {host}, which is not sent it"
        if path.startswith(link + "."):
            inner.append(host)
    if inner:
        how += f"; opening the link in it sends it to {inner[-1]}"
    return (READER, first, *inner), how
