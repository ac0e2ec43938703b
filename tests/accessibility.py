"""What every page must hold so that everybody can use it, asked of a page that is open in Chromium."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# https://github.com/dequelabs/axe-core/blob/develop/doc/API.md#axe-core-tags
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")

# Elements that answer to keys and show when they have the focus by an outline or a shadow. Those within closed details
# are not there.
_UNREACHED = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  const shown = all.filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled);
  const seen = (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
    || style.boxShadow !== "none";
  const wrong = shown.filter((it) => {
    it.focus({ focusVisible: true, preventScroll: true });
    return it.tabIndex < 0 || document.activeElement !== it || !seen(getComputedStyle(it));
  });
  return [shown.length, wrong.map((it) => it.outerHTML.slice(0, 120))];
}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page as it stands: one line for each element that breaks a rule.

    Raises:
        AssertionError: axe-core could check nothing, so that its silence would mean nothing.

    """
    only = {"type": "tag", "values": STANDARDS}
    options = {"runOnly": only, "resultTypes": ["violations"], "iframes": False}  # a frame is a page of its own
    found: dict[str, Any] = Axe().run(page, options=options).response
    assert len(found["passes"]) > 10, "axe-core found hardly anything to check"
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def unreached(page: Page) -> list[str]:
    """The controls and links of a page that keys do not reach, or that do not show when they have the focus."""
    page.keyboard.press("Tab")  # so that the browser shows the focus as it does to whoever uses keys
    number, wrong = page.evaluate(_UNREACHED)
    assert number, "the page has nothing that keys could reach"
    return list(wrong)
