// The steps of the journey: which are open, which are done, and what each one's last reply said.

import { by, make } from "./dom.js";

const STEPS = 7;

/** Opens a step whose turn it is. */
export function open(number) {
  const step = by(`step-${number}`);
  if (step.dataset.state === "locked") {
    step.dataset.state = "open";
    step.querySelector("fieldset").disabled = false;
  }
}

/** Marks a step as done (or skipped), and opens the next. */
export function done(number, state = "done") {
  const step = by(`step-${number}`);
  if (step.dataset.state !== "done") {
    step.dataset.state = state;
  }
  if (number <= STEPS) {
    open(number + 1);
  }
  const finished = document.querySelectorAll('.step[data-state="done"]:not(#step-8)').length;
  by("progress").textContent = `${finished} of ${STEPS} done`;
}

/** Shows a reply under the step (or panel) that asked for it; `hint` says what to do about it. */
export function result(place, reply, hint = "") {
  const line = place.querySelector(".result");
  const good = reply.status === 0;
  line.dataset.good = good;
  line.replaceChildren(
    make("span", { className: "status", textContent: reply.status ?? reply.http ?? "!", dataset: { good } }),
    make("span", {}, make("b", { textContent: reply.message ?? "" }), hint && ` ${hint}`));
}

/**
 * Runs `action` when the form is sent or the button is clicked. One that is still running is not run again. What the
 * action returns, a reply and perhaps a hint, is shown under its step.
 */
export function on(id, action) {
  const element = by(id);
  const step = element.closest(".step");
  let running = false;
  element.addEventListener(element instanceof HTMLFormElement ? "submit" : "click", async (event) => {
    event.preventDefault();
    if (running) {
      return;
    }
    running = true;
    element.setAttribute("aria-busy", "true");
    try {
      const [reply, hint] = [await action()].flat();
      if (reply) {
        result(step, reply, hint ?? hintFor(reply.status));
      }
    } finally {
      running = false;
      element.removeAttribute("aria-busy");
    }
  });
}

function hintFor(status) {
  switch (status) {
    case -101: return "The token has ended, perhaps by 10 idle minutes. Log in again in step 4.";
    case -103: return "This phone is no administrator here.";
    case -104: return "The camera’s device_id is not known (any more).";
    case -429: return "Too many tries. Wait, or move the clock forward.";
    default: return "";
  }
}
