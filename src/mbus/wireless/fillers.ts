import { Special } from "../application/records.js";

/** 2F 2F stands before encrypted data as a check, and fillers may follow it. */
export function withoutFillers(data: Uint8Array): Uint8Array {
  let start = 0;
  while (data[start] === Special.filler) start++;
  return data.subarray(start);
}
