import { describe, expect, it } from "vitest";
import { createPasswords } from "../../src/accounts/passwords.js";

describe("a new password", () => {
  const { weakness } = createPasswords();

  it.each([
    "lösenord1",
    "Losenord2026",
    "Schlüssel1",
    "schluessel1",
    "énergie12",
    "e\u0301nergie12",
    "Trädgård1",
    "straße123",
    "fotboll12",
    "compteur1",
    "lämmitys1",
    "Køkken2026",
    "ciepło123",
    "contraseña1",
    "riscaldamento1",
    "wachtwoord1",
  ])("that is a common word of some language is refused: %s", async (password) => {
    expect(await weakness(password, [])).toContain("take a longer one");
  });

  it("may not be the user's own name with or without its accents", async () => {
    for (const password of ["Bjørnstjerne1", "bjornstjerne1"]) {
      expect(await weakness(password, ["Bjørnstjerne"])).toContain("take a longer one");
    }
  });

  it.each(["kv7TrZ0qpX", "Zähler-Fenster-Giraffe-93", "gärna 4 blå elefanter i köket"])(
    "is taken: %s",
    async (password) => {
      expect(await weakness(password, [])).toBeUndefined();
    },
  );
});
