// The few things that every part of the page needs of the document.

/** The element with this id. */
export const by = (id) => document.getElementById(id);

/** A new element with these properties and children. */
export function make(tag, properties = {}, ...children) {
  const { dataset, ...others } = properties;
  const element = Object.assign(document.createElement(tag), others);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

/** Shows an element, or hides it. */
export function show(element, shown = true) {
  element.hidden = !shown;
}

/** The bytes of a file or blob as base64, without a `data:` prefix. */
export function base64Of(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** A `data:` address for a base64 picture, whose type its first bytes tell. */
export function pictureUrl(base64) {
  const types = { "/9j/": "jpeg", iVBO: "png", R0lG: "gif", UklG: "webp" };
  return `data:image/${types[base64.slice(0, 4)] ?? "jpeg"};base64,${base64}`;
}
