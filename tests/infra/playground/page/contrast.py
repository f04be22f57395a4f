"""The contrast of every text that a page shows, as WCAG computes it, inside of web components, too."""

from playwright.sync_api import Page

ENOUGH = 4.5

TOO_WEAK = """(enough) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const parts = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (rgb) => rgb.map((part) => part / 255)
        .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const above = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;
    const over = ([r, g, b, a], below) => [r, g, b].map((part, at) => part * a / 255 + below[at] * (1 - a / 255));
    const behind = (element) => {
        if (!element) return [255, 255, 255];
        const colour = parts(getComputedStyle(element).backgroundColor);
        return colour[3] === 255 ? colour.slice(0, 3) : over(colour, behind(above(element)));
    };
    const ratio = (element) => {
        const below = behind(element);
        const both = [light(over(parts(getComputedStyle(element).color), below)), light(below)].sort((a, b) => b - a);
        return (both[0] + 0.05) / (both[1] + 0.05);
    };
    const holding = (element) => [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim())
        .map((node) => node.assignedSlot ?? element); // what it inherits its colour from
    const texts = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
        ...holding(element),
        ...(element.shadowRoot ? texts(element.shadowRoot) : []),
    ]);
    const isExempt = (element) => element.closest("script, style, .sr-only, .skip, :disabled, [aria-disabled=true]");
    const words = (element) => (element.assignedNodes?.()[0] ?? element).textContent.trim().slice(0, 40);
    return texts(document.body)
        .filter((element) => element.checkVisibility() && !isExempt(element) && ratio(element) < enough)
        .map((element) => `${element.localName} ${words(element)} ${ratio(element).toFixed(2)}`);
}"""


def too_weak(page: Page) -> list[str]:
    """The texts that are hard to read."""
    found: list[str] = page.evaluate(TOO_WEAK, ENOUGH)
    return found
