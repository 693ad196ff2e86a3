// Requests to the API, each of which appears in the log with its reply.

import { logged } from "./log.js";

let lastId = 0;

/** Sends an operation: `{"id", "type", "subtype", "data"}` by POST. */
export function call(path, type, subtype, data, token) {
  lastId += 1;
  return send("POST", path, { id: lastId, type, subtype, data }, token);
}

/** Sends a GET, which has no envelope. */
export function get(path, token) {
  return send("GET", path, undefined, token);
}

/**
 * Sends a request and returns its reply: `status`, `message` and `data` of the envelope, or a `status` of `undefined`
 * when what came back is no envelope.
 */
export async function send(method, path, body, token) {
  const url = token === undefined ? path : `${path}?token=${encodeURIComponent(token)}`;
  const request = { method, url, body };
  const begun = performance.now();
  let response;
  let text;
  try {
    response = await fetch(url, {
      method,
      cache: "no-store",
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch {
    const reply = { message: "No answer. Is the local stack still running?" };
    logged(request, reply);
    return reply;
  }
  const reply = { ...parsed(text), http: response.status, duration: performance.now() - begun };
  if (!response.ok) {
    reply.message = `HTTP ${response.status} ${reply.json?.message ?? response.statusText}`;
  }
  logged(request, reply);
  return reply;
}

function parsed(text) {
  try {
    const json = JSON.parse(text);
    const envelope = Number.isInteger(json?.status);
    return { json, ...(envelope && { status: json.status, message: json.message, data: json.data }) };
  } catch {
    return { json: text };
  }
}
