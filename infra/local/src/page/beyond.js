// Step 8: the profile, the portrait, and the accounts as an administrator sees them.

import { call, get } from "./api.js";
import { base64Of, by, make, show } from "./dom.js";
import { phone, session } from "./journey.js";
import { on } from "./steps.js";

const FIELDS = ["name", "nickname", "email"];

/** Makes step 8 work. */
export function startBeyond() {
  on("profile", saveProfile);
  on("profile-get", readProfile);
  on("portrait-upload", uploadPortrait);
  on("accounts-list", listAccounts);
}

/** Shows the portrait of whoever has just logged in. */
export function showPortrait() {
  // A picture that the document has shown before would not be asked for again.
  const fresh = `?at=${Date.now()}`;
  by("portrait").src = `/api/get/portrait/${phone()}${fresh}`;
  by("portrait-embedded").src = `/api/get/portrait/${phone()}${fresh}-embedded`;
  by("portrait-error").src = "/api/get/portrait/nobody";
  by("portrait-host").textContent = location.hostname;
  show(by("portraits"));
}

async function readProfile() {
  const reply = await get("/api/user/info", session.token);
  if (reply.status === 0) {
    for (const field of FIELDS) {
      by(`profile-${field}`).value = reply.data[field] ?? "";
    }
  }
  return reply;
}

async function saveProfile() {
  const fields = FIELDS.map((field) => [field, by(`profile-${field}`).value]);
  const data = { phone: phone(), ...Object.fromEntries(fields) };
  const reply = await call("/api/user/info", "info", "update", data, session.token);
  const hints = { "-103": "The phone above is not the one that is logged in.", "-204": "Names have up to 20 characters, an email up to 50." };
  return [reply, hints[reply.status]];
}

async function uploadPortrait() {
  const data = { base64: await base64Of(by("portrait-file").files[0]) };
  const reply = await call("/api/portrait", "portrait", "upload", data, session.token);
  if (reply.status === 0) {
    showPortrait();
  }
  return [reply, reply.status === -204 ? "Portraits are JPEG, PNG, GIF or WebP, up to 4 MiB." : undefined];
}

async function listAccounts() {
  const reply = await call("/api/admin/user", "user", "list", {}, session.token);
  const place = by("accounts");
  show(place, reply.status === 0);
  if (reply.status === 0) {
    const columns = ["phone", "name", "nickname", "email", "level"];
    place.replaceChildren(make("table", {},
      make("thead", {}, make("tr", {}, ...columns.map((column) => make("th", { scope: "col", textContent: column })))),
      make("tbody", {}, ...reply.data.map((account) =>
        make("tr", {}, ...columns.map((column) => make("td", { textContent: account[column] ?? "–" })))))));
  }
  return [reply, reply.status === -103 ? "Restart the stack with this phone in ADMIN_PHONES." : undefined];
}
