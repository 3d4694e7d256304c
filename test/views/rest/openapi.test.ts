import { Compile } from "typebox/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FixtureApp, openFixtureApp } from "./fixture-app.js";

interface Operation {
  readonly summary?: string;
  readonly parameters?: { name: string; in: string; required?: boolean }[];
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: { $ref: string } }> }>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

let rest: FixtureApp;
let document: Document;
beforeAll(async () => {
  rest = await openFixtureApp();
  document = (await rest.get("openapi.json")).body as unknown as Document;
});
afterAll(() => rest.app.close());

const calls = [
  ["/api/v1/gateway", "gateway"],
  ["/api/v1/health", "health"],
  ["/api/v1/meters", "meters"],
  ["/api/v1/meters/{device}", "meters/sap16"],
  ["/api/v1/meters/{device}/objects", "meters/sap16/objects"],
  ["/api/v1/meters/{device}/history", "meters/sap16/history"],
  ["/api/v1/meters/{device}/telegram", "meters/sap16/telegram"],
  ["/api/v1/meters/{device}/received", "meters/sap16/received"],
  ["/api/v1/session", "session"],
  ["/api/v1/storage", "storage"],
  ["/api/v1/receivers", "receivers"],
  ["/api/v1/receptions", "receptions"],
  ["/api/v1/objects/{device}/{object}", "objects/sap16/6-0:1.0.0*255"],
  ["/api/v1/objects/{device}/{object}/{attribute}", "objects/sap16/6-0:1.0.0*255/2"],
] as const;

describe("the OpenAPI document", () => {
  it("is version 3.1 and holds every call once", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    const paths = [...calls.map(([path]) => path), "/api/v1/events"].sort();
    expect(Object.keys(document.paths).sort()).toEqual(paths);
  });

  it("has no reference that leads nowhere", () => {
    const references = JSON.stringify(document).match(/"\$ref":"[^"]*"/g) ?? [];
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      const name = /^"\$ref":"#\/components\/schemas\/(\w+)"$/.exec(reference)?.[1];
      expect(Object.keys(document.components.schemas), reference).toContain(name);
    }
  });

  it("tells summary, path parameters and problems of every call", () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const operation of Object.values(methods)) {
        expect(operation.summary, path).toBeTruthy();
        const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        expect(inPath.map(({ name }) => name).sort()).toEqual(named.sort());
        if (path !== "/api/v1/events") {
          expect(operation.responses["400"]?.content).toHaveProperty("application/problem+json");
        }
      }
    }
  });

  it.each(calls)("describes what %s really answers", async (path, example) => {
    const schema = document.paths[path]?.["get"]?.responses["200"]?.content?.["application/json"]?.schema;
    const compiled = Compile({ ...schema, components: document.components } as const);
    const { status, body } = await rest.get(example);
    expect(status).toBe(200);
    expect(compiled.Check(body), JSON.stringify(compiled.Errors(body))).toBe(true);
    expect(compiled.Check({ ...body, [Object.keys(body)[0] ?? ""]: undefined })).toBe(false);
  });
});

describe("the page to try it", () => {
  it("loads scripts and styles from this door alone, none of them inline", async () => {
    const page = await rest.app.inject("/api/v1/docs");
    expect(page.statusCode).toBe(200);
    expect(page.headers["content-security-policy"]).toContain("script-src 'self';");
    const scripts = [...page.body.matchAll(/<script([^>]*)>([^<]*)/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, content] of scripts) {
      expect(attributes).toMatch(/src="[./]/);
      expect(content?.trim()).toBe("");
    }
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      const asset = await rest.app.inject(new URL(source, "http://localhost/api/v1/docs").pathname);
      expect(asset.statusCode, source).toBe(200);
    }
  });
});
