// The pane that shows every request with its reply.

import { by, make, show } from "./dom.js";

const ENTRIES = 60;
const LONGEST_TEXT = 120;
const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** Adds a request and its reply on top, opened; what was on top closes. */
export function logged(request, reply) {
  const list = by("log");
  list.querySelector("details[open]")?.removeAttribute("open");
  const { method, url, body } = request;
  const good = reply.status === undefined ? reply.http !== undefined && reply.http < 300 : reply.status === 0;
  const facts = [reply.http && `HTTP ${reply.http}`, reply.duration && `${Math.round(reply.duration)} ms`];
  const details = make("details", { open: true },
    make("summary", {},
      make("span", { className: "status", textContent: reply.status ?? reply.http ?? "–", dataset: { good } }),
      make("span", { className: "what" },
        make("b", { textContent: method }), ` ${url.split("?")[0]}`,
        make("small", { textContent: body?.type ? `${body.type}/${body.subtype}` : "" }))),
    make("h3", { textContent: "Request" }),
    pretty(`${method} ${shortened(url)}`, body),
    make("h3", { textContent: ["Reply", ...facts.filter(Boolean)].join(" · ") }),
    pretty(undefined, reply.json ?? reply.message));
  const command = curl(request);
  if (command) {
    details.append(copyButton(command));
  }
  list.prepend(make("li", {}, details));
  list.scrollTop = 0;
  while (list.children.length > ENTRIES) {
    list.lastElementChild.remove();
  }
  show(by("log-empty"), false);
}

/** Makes the button that empties the log work. */
export function startLog() {
  by("log-clear").addEventListener("click", () => {
    by("log").replaceChildren();
    show(by("log-empty"));
  });
}

function pretty(line, json) {
  const pre = make("pre");
  if (line) {
    pre.append(make("b", { textContent: line }), json === undefined ? "" : "\n");
  }
  if (json !== undefined) {
    highlight(pre, JSON.stringify(json, (_, value) => shortened(value), 2));
  }
  return pre;
}

/** What is too long to read keeps its beginning. */
function shortened(value) {
  return typeof value === "string" && value.length > LONGEST_TEXT
    ? `${value.slice(0, 48)}… (${value.length.toLocaleString("en")} characters)` : value;
}

function highlight(pre, text) {
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [whole, quoted, colon] = match;
    const kind = quoted ? (colon ? "key" : "text") : "value";
    const token = colon ? quoted : whole;
    pre.append(text.slice(end, match.index), make("span", { className: kind, textContent: token }));
    end = match.index + token.length;
  }
  pre.append(text.slice(end));
}

/** The request for a terminal, unless it carries a picture. */
function curl({ method, url, body }) {
  const address = `'${location.origin}${url}'`;
  if (body === undefined) {
    return method === "GET" ? `curl ${address}` : undefined;
  }
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return json.length > 4000 ? undefined : `curl ${address} -H 'content-type: application/json' -d '${json}'`;
}

function copyButton(command) {
  const button = make("button", { type: "button", className: "quiet small", textContent: "Copy as curl" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = "Copied";
    } catch {
      button.replaceWith(make("pre", { textContent: command }));
    }
  });
  return button;
}
