// The live SMS outbox.

import { by, make, show } from "./dom.js";

const INTERVAL = 1500;
const CODE = /验证码(\d{4,8})/;

let messages = [];
let asked = 0;
let shown = 0;
let useCode = () => {};
let changed = () => {};

/** Begins to follow the outbox. `onUse` gets a code and its phone; `onChange` hears of each new message. */
export function startOutbox(onUse, onChange) {
  useCode = onUse;
  changed = onChange;
  const follow = async () => {
    if (!document.hidden) {
      await refreshOutbox();
    }
    setTimeout(follow, INTERVAL);
  };
  follow();
  document.addEventListener("visibilitychange", () => document.hidden || refreshOutbox());
}

/** The newest code that was sent to this phone. */
export function newestCode(phone) {
  return messages.filter((sms) => sms.phone === phone).map(codeOf).find(Boolean);
}

/** Looks for new messages now. */
export async function refreshOutbox() {
  const number = ++asked;
  let now;
  try {
    const response = await fetch("/_local/sms", { cache: "no-store" });
    now = await response.json();
  } catch {
    health("gone", "The local stack does not answer. Run: make dev");
    return;
  }
  health("good", `Serving on ${location.host}`);
  // An answer that a later one overtook tells of an outbox that was.
  if (number < shown) {
    return;
  }
  shown = number;
  // A shorter outbox is a new one: the stack was started anew, without its data.
  const kept = now.length < messages.length ? 0 : messages.length;
  const added = now.slice(0, now.length - kept);
  if (added.length === 0 && kept === messages.length) {
    return;
  }
  messages = now;
  const list = by("outbox");
  if (kept === 0) {
    list.replaceChildren();
  }
  list.prepend(...added.map(item));
  show(by("outbox-empty"), messages.length === 0);
  changed();
}

function codeOf(sms) {
  return CODE.exec(sms.message)?.[1];
}

function item(sms) {
  const code = codeOf(sms);
  const entry = make("article", { dataset: { kind: code ? "code" : "alert" } },
    make("p", { className: "meta" }, make("b", { textContent: sms.phone }), make("time", { textContent: sms.at })),
    make("p", { className: "bubble", lang: "zh-CN", textContent: sms.message }));
  if (code) {
    const button = make("button", { type: "button", className: "chip", textContent: `Use code ${code}` });
    button.addEventListener("click", () => useCode(code, sms.phone));
    entry.append(button);
  }
  return entry;
}

function health(state, text) {
  const line = by("health");
  if (line.textContent !== text) {
    line.dataset.state = state;
    line.textContent = text;
  }
}
