"""What keeps somebody out of a page in a browser: read off the page itself, and walked with the Tab key."""

from collections.abc import Iterator
from typing import Any

# RGAA 4 (WCAG 2.1 AA): 8.3 language, 8.5 title, 9.1 headings, 11.1 labels, 6.1 links, 1.1 images, 3.2 contrasts.
FAULTS = r"""() => {
  const faults = [], all = selector => [...document.querySelectorAll(selector)].filter(e => e.getClientRects().length);
  const pictures = e => [...e.querySelectorAll('img')].map(i => i.alt).join('');
  const name = e => (e.getAttribute('aria-label') || e.textContent.trim() || e.title || pictures(e)).trim();
  const said = e => `${e.tagName.toLowerCase()} « ${(e.innerText || e.name || e.id || '').slice(0, 40)} »`;
  if (document.documentElement.lang !== 'fr') faults.push('langue');
  if (!document.title.trim()) faults.push('titre');
  if (all('h1').length !== 1) faults.push('un seul h1');
  for (const role of ['header', 'nav', 'main']) if (!document.querySelector(role)) faults.push(`sans ${role}`);
  let level = 0;
  for (const h of all('h1, h2, h3, h4, h5, h6')) {
    if (+h.tagName[1] > level + 1) faults.push(`saut de titre : ${said(h)}`);
    level = +h.tagName[1];
  }
  for (const e of all('input:not([type=hidden]), select, textarea'))
    if (!e.labels.length && !e.getAttribute('aria-label')) faults.push(`sans étiquette : ${said(e)}`);
  for (const e of all('a[href], button')) if (!name(e)) faults.push(`sans nom : ${said(e)}`);
  for (const e of document.images) if (!e.hasAttribute('alt')) faults.push('image sans alt');
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) faults.push('id en double');
  const four = n => [...n.slice(0, 3), n.length > 3 ? n[3] : 1];
  const rgba = text => four(text.match(/[\d.]+/g).map(Number));
  const light = c => { const f = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const over = (top, under) => under.map((v, i) => top[3] * top[i] + (1 - top[3]) * v);
  const ground = e => { const layers = [];
    for (; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]); };
  for (const e of all('body *')) {
    if (e.closest('#carte') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), back = ground(e), front = over(rgba(style.color), back);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contraste ${ratio.toFixed(2)} : ${said(e)}`);
  }
  return faults;
}"""
FOCUSED = r"""() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const seen = parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  return {name: (e.innerText || e.getAttribute('aria-label') || e.name || '').trim(), tag: e.tagName,
          seen: seen && box.width > 0 && box.left >= 0};
}"""


def faults(page: Any) -> list[str]:
    """Return what is wrong with a page."""
    return page.evaluate(FAULTS)


def stops(page: Any, most: int = 60) -> Iterator[dict[str, Any]]:
    """Press Tab through a page, and yield where it stops: `name`, `tag`, and whether it is `seen` there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["tag"] == "BODY":
            return
        yield stop


def reach(page: Any, name: str) -> None:
    """Press Tab until what has this name has the focus; it and all before it must be seen to have it."""
    passed = []
    for stop in stops(page):
        passed.append(stop["name"])
        assert stop["seen"], f"focus invisible : {stop}"
        if stop["name"] == name:
            return
    raise AssertionError(f"{name} : not reached by {passed}")
