/** Application context and authentication mechanism names: joint-iso-ccitt(2) country(16) 756 5 8 … (IEC 62056-5-3, 7.2). */
const dlmsUa = [2, 16, 756, 5, 8] as const;

export const applicationContext = { ln: 1, sn: 2, lnCiphered: 3, snCiphered: 4 } as const;
export type ApplicationContext = (typeof applicationContext)[keyof typeof applicationContext];

export const authenticationMechanism = {
  none: 0,
  low: 1,
  high: 2,
  highMd5: 3,
  highSha1: 4,
  highGmac: 5,
  highSha256: 6,
  highEcdsa: 7,
} as const;
export type AuthenticationMechanism = (typeof authenticationMechanism)[keyof typeof authenticationMechanism];

export const applicationContextName = (context: number): readonly number[] => [...dlmsUa, 1, context];
export const authenticationMechanismName = (mechanism: number): readonly number[] => [...dlmsUa, 2, mechanism];

/** The last arc of a name of that branch; undefined for names of others. */
function lastArc(name: readonly number[], branch: number): number | undefined {
  const own = name.length === 7 && dlmsUa.every((arc, index) => name[index] === arc) && name[5] === branch;
  return own ? name[6] : undefined;
}

export const applicationContextOf = (name: readonly number[]): number | undefined => lastArc(name, 1);
export const authenticationMechanismOf = (name: readonly number[]): number | undefined => lastArc(name, 2);
