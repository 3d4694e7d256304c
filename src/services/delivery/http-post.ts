/** A report as the body of an HTTP POST (PRODUCT part E1): the file's name goes in the header `filename`. */
import { createReadStream } from "node:fs";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { ReceiverSettings } from "../../settings/types.js";
import type { DeliveryFile } from "./contract.js";
import { DeliveryError } from "./failure.js";

export type HttpReceiver = Extract<ReceiverSettings, { kind: "http" }>;

export interface PostOptions {
  readonly signal: AbortSignal;
  readonly userAgent: string;
  /** Further certificates to trust, PEM; undefined: those of the system's store alone. */
  readonly trustedCertificates: readonly string[] | undefined;
}

const maxRedirects = 3;
const maxAnswerBytes = 65_536;

/**
 * Posts the file; resolves when the receiver answered 2xx. Only 307 and 308 to the same origin are followed: elsewhere
 * neither login nor values may go.
 * @throws DeliveryError, or what the socket threw
 */
export async function postFile(file: DeliveryFile, receiver: HttpReceiver, options: PostOptions): Promise<void> {
  const first = new URL(receiver.url);
  let url = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const { statusCode = 0, headers } = await postOnce(url, file, receiver, options);
    if (statusCode >= 200 && statusCode < 300) return;
    if (statusCode === 401 || statusCode === 403 || statusCode === 407) {
      throw new DeliveryError("loginRefused", `the receiver refused the login with HTTP ${statusCode}`);
    }
    if (statusCode < 300 || statusCode >= 400) {
      throw new DeliveryError("refused", `the receiver answered HTTP ${statusCode}`);
    }
    const { location } = headers;
    const next = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if ((statusCode !== 307 && statusCode !== 308) || next === undefined || next.origin !== first.origin) {
      const place = next === undefined ? "nowhere" : next.origin;
      throw new DeliveryError(
        "redirected",
        `the receiver sent us on with HTTP ${statusCode} to ${place}; set its URL to where reports are to go`,
      );
    }
    url = next;
  }
  throw new DeliveryError("redirected", `the receiver sent us on more than ${maxRedirects} times`);
}

async function postOnce(
  url: URL,
  file: DeliveryFile,
  receiver: HttpReceiver,
  { signal, userAgent, trustedCertificates }: PostOptions,
): Promise<IncomingMessage> {
  const { auth } = receiver;
  const headers = {
    "Content-Type": file.contentType,
    "Content-Length": file.byteCount,
    "User-Agent": userAgent,
    filename: file.name,
    ...(auth.method === "basic" ? { Authorization: basic(auth.user, auth.password.reveal()) } : {}),
  };
  const options = { method: "POST", headers, agent: false, signal } as const;
  const request =
    url.protocol === "https:"
      ? requestHttps(url, {
          ...options,
          ...(trustedCertificates === undefined ? {} : { ca: [...trustedCertificates] }),
        })
      : requestHttp(url, options);
  const body = createReadStream(file.path);
  try {
    body.on("error", (error) => request.destroy(error));
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      request.on("error", reject);
      body.pipe(request);
    });
    // With its length known, the receiver may answer before we call it the end; but not before the last byte.
    const isGood = (response.statusCode ?? 0) >= 200 && (response.statusCode ?? 0) < 300;
    if (isGood && body.bytesRead < file.byteCount) {
      throw new DeliveryError("refused", "the receiver did not take the whole report");
    }
    await drain(response);
    return response;
  } finally {
    body.destroy();
    request.destroy();
  }
}

/** Lets the receiver finish its sentence, up to a limit; the status has said all that counts. */
async function drain(response: IncomingMessage): Promise<void> {
  let byteCount = 0;
  try {
    for await (const chunk of response) {
      byteCount += (chunk as Uint8Array).length;
      if (byteCount > maxAnswerBytes) return;
    }
  } catch {
    // cut off behind its status line
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}
