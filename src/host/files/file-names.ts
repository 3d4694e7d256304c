/** Names of configuration files and backups: product_version_epochms_kind, as PRODUCT.md rows 49 and 50 have them. */

export const fileKinds = ["config-backup", "full-backup", "diagnostics"] as const;
export type FileKind = (typeof fileKinds)[number];

export interface FileNameParts {
  readonly product: string;
  readonly version: string;
  /** Milliseconds since 1970 UTC. */
  readonly madeAtMs: number;
  readonly kind: FileKind;
}

export const fileProduct = "cosem-gateway";

/** `cosem-gateway_0.1.0_1669048026178_full-backup_.tar.gz` */
export function fileNameOf({ product, version, madeAtMs, kind }: FileNameParts): string {
  return `${product}_${version}_${madeAtMs}_${kind}_.tar.gz`;
}

/** Undefined for what is no such name: also for any with a folder in it. */
export function parseFileName(name: string): FileNameParts | undefined {
  const match = /^([a-z0-9-]{1,40})_([0-9A-Za-z.+-]{1,40})_(\d{1,15})_([a-z-]{1,20})_\.tar\.gz$/.exec(name);
  const kind = fileKinds.find((known) => known === match?.[4]);
  if (match === null || kind === undefined) return undefined;
  return { product: match[1] ?? "", version: match[2] ?? "", madeAtMs: Number(match[3]), kind };
}
