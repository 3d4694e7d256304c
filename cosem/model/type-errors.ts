/** Thrown by fromData() and fromJson() when the value has another type; views answer `typeUnmatched`. */
export class TypeUnmatched extends Error {
  constructor(wanted: string, got: string) {
    super(`${wanted} wanted, got ${got}`);
    this.name = "TypeUnmatched";
  }
}

/** Thrown by fromData() and fromJson() for a value of the right type that the declaration does not permit. */
export class ScopeOfAccessViolated extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ScopeOfAccessViolated";
  }
}
