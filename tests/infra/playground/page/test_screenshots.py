"""The README's pictures: a smaller PNG is the same picture."""

import base64

from tests.infra.playground.page.desk import Desk
from tests.infra.playground.page.png import smaller

PIXELS = """async (png) => {
    const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    return [picture.width, ...canvas.getImageData(0, 0, picture.width, picture.height).data];
}"""


def test_a_smaller_picture_is_the_same_one(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 400, "height": 300})
    taken = desk.page.screenshot()
    small = smaller(taken)
    assert len(small) < len(taken) / 2
    before, after = (desk.page.evaluate(PIXELS, base64.b64encode(png).decode()) for png in (taken, small))
    differences = [abs(one - other) for one, other in zip(before, after, strict=True)]
    assert sum(differences) / len(differences) < 1
