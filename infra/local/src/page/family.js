// Steps 5 to 7: a camera, its report, and the family that sees it.

import { call } from "./api.js";
import { base64Of, by, make, pictureUrl, show } from "./dom.js";
import { session } from "./journey.js";
import { refreshOutbox } from "./outbox.js";
import { samplePicture } from "./sample.js";
import { done, on, open, result } from "./steps.js";

let picture;
let shownPicture;

/** Makes steps 5 to 7 work. */
export function startFamily() {
  on("device-add", addDevice);
  on("device-bind", bindDevice);
  on("report", report);
  on("report-sample", useSample);
  on("notices-get", () => listNotices());
  by("report-file").addEventListener("change", () => {
    const [file] = by("report-file").files;
    if (file) {
      usePicture(file);
    }
  });
  for (const mode of document.getElementsByName("mode")) {
    mode.addEventListener("change", () => by("notices-get").requestSubmit());
  }
  useSample();
}

/** Lists the cameras of whoever has just logged in. */
export async function showDevices(chosen) {
  const reply = await call("/api/device", "device", "list", {}, session.token);
  if (reply.status !== 0) {
    return;
  }
  const options = reply.data.list.map(({ device_id: id, device_name: name }) =>
    new Option(`${name} · ${id.slice(0, 8)}…`, id, false, id === chosen));
  by("devices").replaceChildren(...options);
  show(by("device-bind"), options.length > 0);
}

async function addDevice() {
  const reply = await call("/api/device", "device", "add", { device: by("device-name").value }, session.token);
  if (reply.status === 0) {
    await showDevices(reply.data.device_id);
  }
  return [reply, { 0: "Now bind it.", 101: "You have a camera of this name: choose it below, or give another name." }[reply.status]];
}

async function bindDevice() {
  const reply = await call("/api/device", "device", "bind", { device_id: by("devices").value }, session.token);
  if (reply.status === 0) {
    done(5);
    open(7);
  }
  return reply;
}

async function useSample() {
  by("report-file").value = "";
  usePicture(await samplePicture());
}

function usePicture(blob) {
  URL.revokeObjectURL(shownPicture);
  picture = blob;
  shownPicture = URL.createObjectURL(blob);
  by("report-picture").src = shownPicture;
}

async function report() {
  const data = { base64: await base64Of(picture), content: by("report-content").value };
  const reply = await call("/api/notice", "notice", "upload", data, by("devices").value);
  if (reply.status === 0) {
    done(6);
    await refreshOutbox();
  }
  const hints = { 0: "The alert is in the outbox.", "-204": "Pictures are JPEG, PNG, GIF or WebP, up to 4 MiB; the text has up to 255 characters." };
  return [reply, hints[reply.status]];
}

async function listNotices() {
  const mode = Number(document.querySelector('[name="mode"]:checked').value);
  const reply = await call("/api/get/notice", "notice", "get", { mode }, session.token);
  if (reply.status === 0) {
    const { list } = reply.data;
    by("notices").replaceChildren(...(list.length > 0 ? list.map((notice) => item(notice, mode))
      : [make("li", { className: "empty", textContent: ["Nothing unread.", "Nothing read yet.", "No notices."][mode] })]));
  }
  return reply;
}

function item(notice, mode) {
  const opener = make("button", { type: "button", textContent: "Open", className: "quiet" });
  opener.addEventListener("click", () => openNotice(notice));
  const entry = make("li", { dataset: { mode } },
    make("div", {},
      make("b", { textContent: notice.device }),
      make("time", { textContent: notice.createtime }),
      make("p", { textContent: notice.content })),
    make("div", { className: "row" }, opener));
  if (mode !== 1) {
    const signer = make("button", { type: "button", textContent: "Mark read" });
    signer.addEventListener("click", () => sign(notice));
    entry.lastElementChild.append(signer);
  }
  return entry;
}

async function openNotice({ event_id }) {
  const reply = await call("/api/get/notice", "notice", "info", { event_id }, session.token);
  if (reply.status === 0) {
    const { base64, content, createtime, device } = reply.data;
    by("notice-picture").src = pictureUrl(base64);
    by("notice-caption").textContent = [device, createtime, content].filter(Boolean).join(" · ");
    show(by("opened"));
  }
  result(by("step-7"), reply);
}

async function sign({ event_id }) {
  const reply = await call("/api/get/notice", "notice", "sign", { event_id }, session.token);
  if (reply.status === 0) {
    done(7);
    await listNotices();
  }
  result(by("step-7"), reply, reply.status === 0 ? "Read, for this account only." : "");
}
