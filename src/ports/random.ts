/** Random bytes: cryptographic in the product, seeded in tests. */
export interface Random {
  bytes(count: number): Uint8Array;
}
