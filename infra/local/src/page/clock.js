// The control that moves the stack's clock forward.

import { send } from "./api.js";
import { by } from "./dom.js";
import { result } from "./steps.js";

/** Makes the buttons and the form work. */
export function startClock() {
  const panel = by("clock").closest(".panel");
  const move = async (seconds) => {
    const reply = await send("POST", "/_local/clock", { advance_seconds: seconds });
    if (reply.http === 200) {
      by("now").textContent = `now ${reply.json.now}`;
      panel.querySelector(".result").replaceChildren();
    } else {
      result(panel, reply);
    }
  };
  for (const button of panel.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => move(Number(button.dataset.advance)));
  }
  by("clock").addEventListener("submit", (event) => {
    event.preventDefault();
    move(by("seconds").valueAsNumber);
  });
}
