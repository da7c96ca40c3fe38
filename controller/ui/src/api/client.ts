import i18n from "i18next";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** A refusal by the controller: stable code, field, and a sentence to show as it is. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly field: string | null,
    message: string,
    readonly detail: Record<string, unknown>,
  ) {
    super(message);
  }
}

let csrfToken = "";
let onSignedOut: () => void = () => undefined;

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export function whenSignedOut(action: () => void): void {
  onSignedOut = action;
}

/** Headers that every change needs, also for requests made outside of the generated client. */
export function changeHeaders(): Record<string, string> {
  return { "X-CSRF-Token": csrfToken, "Accept-Language": i18n.language };
}

export async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const { error } = (await response.clone().json()) as Schemas["ErrorView"];
    return new Refusal(response.status, error.code, error.field, error.message, error.detail);
  } catch {
    return new Refusal(response.status, "unreachable", null, i18n.t("errors.unreachable"), {});
  }
}

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", i18n.language);
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    if (request.method === "POST" && !request.headers.has("Idempotency-Key"))
      request.headers.set("Idempotency-Key", crypto.randomUUID());
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return response;
    const refusal = await refusalOf(response);
    const signingIn = request.method === "POST" && request.url.endsWith("/api/v1/session");
    if (response.status === 401 && !signingIn) onSignedOut();
    throw refusal;
  },
  onError() {
    return new Refusal(0, "unreachable", null, i18n.t("errors.unreachable"), {});
  },
};

export const api = createClient<paths>({ baseUrl: "/" });
api.use(headers);

/** Returns the data of an answer; refusals were thrown already. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
