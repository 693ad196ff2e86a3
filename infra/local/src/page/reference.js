// What runs where, and the routes: both from the list that the stack reads from the template.

import { by, make } from "./dom.js";

const PURPOSES = {
  captcha: "image captchas, SMS codes",
  user: "accounts, log-in, portraits",
  token: "keeps a token alive",
  device: "cameras, and who is bound to them",
  notice: "falls, alerts, what is unread",
  admin: "accounts, for administrators",
};

/** Fills in both parts. */
export async function showReference() {
  by("address").textContent = location.host;
  let routes;
  try {
    routes = await (await fetch("/_local/routes")).json();
  } catch {
    return;
  }
  const functions = grouped(routes);
  by("functions").replaceChildren(...Array.from(functions, ([name, served]) =>
    make("li", {},
      make("b", { textContent: name }),
      make("span", { textContent: PURPOSES[name] ?? "" }),
      make("small", { textContent: served.length === 1 ? "1 route" : `${served.length} routes` }))));
  document.querySelector("#route-table tbody").replaceChildren(...Array.from(functions.values()).flat().map((route) =>
    make("tr", {},
      make("td", {}, make("span", { className: "method", textContent: route.method, dataset: { method: route.method } })),
      make("td", {}, make("code", { textContent: route.path })),
      make("td", { textContent: route.function }))));
}

function grouped(routes) {
  const groups = new Map();
  for (const route of routes) {
    groups.set(route.function, [...(groups.get(route.function) ?? []), route]);
  }
  return groups;
}
