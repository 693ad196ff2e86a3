// Steps 1 to 4: from a phone number to a token.

import { call, get } from "./api.js";
import { by, pictureUrl, show } from "./dom.js";
import { md5 } from "./md5.js";
import { newestCode, refreshOutbox } from "./outbox.js";
import { done, on, open, result } from "./steps.js";

const SMS_HINTS = new Map([
  [-3, "This deployment wants an image captcha first: get a new one in step 1, do not check it, and send its hash along."],
  [-4, "The picture’s hash was wrong, or used up before. Get a new picture in step 1."],
  [1013, "Too many codes for one source address. Move the clock an hour forward."],
  [1016, "A phone has 11 digits and begins with 13 to 19."],
  [1023, "A phone gets one code in 30 seconds. Wait, or move the clock 30 s forward."],
  [1024, "A phone gets 5 codes in an hour. Move the clock forward."],
  [1025, "A phone gets 10 codes in a day. Move the clock forward."],
]);

/** What the page knows of the session. */
export const session = { token: undefined };

let captchaRand;
let smsRand;
let loggedIn = () => {};

/** The phone that all steps are about. */
export const phone = () => by("phone").value.trim();

/** Makes steps 1 to 4 work. `onLogin` is called with each new token. */
export function startJourney(onLogin) {
  loggedIn = onLogin;
  on("captcha-get", getCaptcha);
  on("captcha-check", checkCaptcha);
  on("captcha-skip", () => done(1, "skipped"));
  on("sms-send", sendSms);
  on("sms-skip", () => {
    done(2, "skipped");
    done(3, "skipped");
  });
  on("register", register);
  on("login", logIn);
  on("doki", keepAlive);
  by("code").addEventListener("input", showHash);
  by("code-newest").addEventListener("click", () => fillIn(newestCode(phone())));
  by("phone").addEventListener("input", showNewestCode);
}

/** Puts a code from the outbox into step 3. */
export function takeCode(code, forPhone) {
  by("phone").value = forPhone;
  showNewestCode();
  if (smsRand === undefined) {
    result(by("step-2"), { message: "Have a code sent first:" }, "only its reply has the rand that belongs to it.");
    by("step-2").scrollIntoView({ block: "nearest" });
    return;
  }
  fillIn(code);
}

/** Offers the newest code of this phone in step 3. */
export function showNewestCode() {
  const code = newestCode(phone());
  const button = by("code-newest");
  button.textContent = `Use ${code} from the outbox`;
  show(button, code !== undefined);
  by("admin-phone").textContent = phone();
}

function fillIn(code) {
  by("code").value = code;
  showHash();
  by("code").focus();
}

function showHash() {
  const code = by("code").value;
  const known = smsRand !== undefined && code.length === 6;
  by("code-hash").replaceChildren("The client sends ", Object.assign(document.createElement("code"), {
    textContent: known ? `md5("${code}${smsRand}") = ${md5(code + smsRand)}` : "md5(code + rand)",
  }), ".");
}

async function getCaptcha() {
  const reply = await call("/api/captcha", "img", "generate", {});
  if (reply.status === 0) {
    captchaRand = reply.data.rand;
    by("captcha-picture").src = pictureUrl(reply.data.imgdata);
    show(by("captcha-check"));
    show(by("sms-captcha"));
    by("captcha-text").value = "";
    open(2);
  }
  return reply;
}

function captchaHash() {
  return md5(by("captcha-text").value.trim().toLowerCase() + captchaRand);
}

async function checkCaptcha() {
  const reply = await call("/api/captcha", "img", "validate", { hash: captchaHash() });
  if (reply.status === 0) {
    done(1);
  }
  return [reply, reply.status === 100 ? "Not what the picture says, or used before. Get a new one, or skip." : undefined];
}

async function sendSms() {
  const data = { phone: phone(), command_type: 1 };
  if (captchaRand !== undefined && by("sms-with-captcha").checked) {
    data.hash = captchaHash();
  }
  const reply = await call("/api/captcha", "sms", "generate", data);
  if (reply.status === 0) {
    smsRand = reply.data.rand;
    by("code").value = "";
    showHash();
    done(1, "skipped");
    done(2);
    await refreshOutbox();
  }
  return [reply, reply.status === 0 ? "The message is in the outbox." : SMS_HINTS.get(reply.status)];
}

async function register() {
  const data = { phone: phone(), hash: md5(by("code").value + smsRand), pass: by("password").value };
  const reply = await call("/api/user/register", "register", "phone", data);
  if (reply.status === 0) {
    done(3);
    return reply;
  }
  if (reply.status === 101) {
    open(4);
    return [reply, "Log in with its password, or take another phone."];
  }
  const hints = { 400: "Wrong or used. After 5 wrong tries a code is void.", "-4": "The code has expired: have a new one sent." };
  return [reply, hints[reply.status]];
}

async function logIn() {
  const data = { phone: phone(), pass: by("password").value, enduring: by("enduring").checked ? 1 : 0 };
  const reply = await call("/api/user/login", "login", "pass", data);
  if (reply.status === 0) {
    session.token = reply.data.token;
    by("token").textContent = session.token;
    show(by("session"));
    done(4);
    open(8);
    await loggedIn();
  }
  return [reply, reply.status === 100 ? "This phone has no account yet: register it in step 3." : undefined];
}

async function keepAlive() {
  const reply = await get("/api/user/doki", session.token);
  return [reply, { 0: "It lives for another 10 minutes.", 1: "It has ended. Log in again." }[reply.status]];
}
