/** Files that a member attaches to an option. */

import { api } from "./api.js";
import { h } from "./dom.js";
import { trying } from "./notices.js";

/** Let somebody choose a file, and hand it to the local Discord; null where they choose none. */
export async function attached() {
  const file = await chosen();
  if (!file) return null;
  return trying(async () =>
    api.attach({ filename: file.name, content_type: file.type, content: await base64(file) }),
  );
}

/** @returns {Promise<File | undefined>} */
function chosen() {
  return new Promise((resolve) => {
    const input = /** @type {HTMLInputElement} */ (
      h("input", {
        type: "file",
        accept: "image/*",
        onchange: () => resolve(input.files?.[0]),
        oncancel: () => resolve(undefined),
      })
    );
    input.click();
  });
}

/** @param {File} file @returns {Promise<string>} */
function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^.*?,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
