/** Errors that end a case: what the server did wrong, and what cannot be tried. */

/** The server did what it must not, wherever in a case that shows. Verdict: fail. */
export class Misbehaviour extends Error {}

/** An AARQ with the declared parameters was refused. Verdict: fail. */
export class AssociationRefused extends Misbehaviour {}

/** The case needs what is not declared or not offered. Verdict: inapplicable. */
export class Inapplicable extends Error {}
