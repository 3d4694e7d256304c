import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeliveryFile } from "../../../src/services/delivery/index.js";

/** What one POST brought. */
export interface Post {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpReceiverFixture {
  readonly url: string;
  readonly posts: readonly Post[];
  /** Calls back when so many POSTs came. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Never answers. */
  readonly silent?: boolean;
}

/** A real HTTP server that keeps every POST and answers as told, by number of the POST from 1. */
export async function startReceiver(
  answer: (number: number, post: Post) => Answer,
  tls?: { key: string; cert: string },
): Promise<HttpReceiverFixture> {
  const posts: Post[] = [];
  let wake = () => {};
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const post = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) };
      posts.push(post);
      const { status, headers = {}, silent = false } = answer(posts.length, post);
      if (!silent) response.writeHead(status, headers).end("thank you");
      wake();
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/reports?token=abc`,
    posts,
    async arrived(count) {
      while (posts.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface FileFixture {
  readonly file: DeliveryFile;
  remove(): void;
}

/** A small finished report. */
export function makeFile(text = "a;b\r\n1;2\r\n", name = "00000001_valuereport_20261122120000_3115.csv"): FileFixture {
  const folder = mkdtempSync(join(tmpdir(), "delivery-"));
  const path = join(folder, name);
  writeFileSync(path, text, "latin1");
  return {
    file: { name, path, byteCount: statSync(path).size, contentType: "text/plain; charset=windows-1252" },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
