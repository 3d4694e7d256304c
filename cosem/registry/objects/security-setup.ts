/**
 * Security setup: policy, keys and certificates of the associations that refer to it. New keys count from the next
 * association on, and the answer still goes out under those of the present one; a counter starts over only with a key of
 * another value, because counters are kept by key. A new policy holds at once, and is only ever stronger.
 */
import { SecuritySetup, SecuritySetupV0 } from "../../classes/index.js";
import { type LogicalName, logicalName } from "../../model/logical-name.js";
import {
  type KeyStore,
  type KeyStoreState,
  type RandomBytes,
  securityPolicyBit,
  securityPolicyFromVersion0,
} from "../../security/index.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";
import { refused } from "../refused.js";
import { commit, type SecurityCall } from "./security-setup-call.js";
import {
  exportCertificate,
  importCertificate,
  listCertificates,
  removeCertificate,
  requestCertificate,
} from "./security-setup-certificates.js";
import { agreeKeys, generatePair, transferKeys } from "./security-setup-keys.js";

export interface SecuritySetupParts {
  /** Default: 1. 0 has policies of another form, and neither certificates nor agreed keys. */
  readonly version?: 0 | 1;
  /** Default: 0-0:43.0.0*255. */
  readonly logicalName?: LogicalName;
  /** Undefined: who asks has none; all of the object is then unavailable to him. */
  keyStore(context: AccessContext): KeyStore | undefined;
  /** Whether the caller may invoke its methods, beyond what his rights say. Default: he may. */
  mayChange?(context: AccessContext): boolean;
  readonly serverSystemTitle: Uint8Array;
  /** Of the client this setup is for; default: the caller's own. */
  clientSystemTitle?(context: AccessContext): Uint8Array | undefined;
  readonly random: RandomBytes;
  /** Milliseconds since 1970 UTC: certificates must be valid. */
  now(): number;
  /** Certificates whose issuer is not known here are taken too. Default: false. */
  readonly takesUntrusted?: boolean;
}

const noTitle = new Uint8Array(0);

export function createSecuritySetup(parts: SecuritySetupParts): CosemObject {
  const name = parts.logicalName ?? logicalName("0-0:43.0.0*255");
  const clientTitle = (context: AccessContext) =>
    parts.clientSystemTitle === undefined
      ? context.principal.session?.clientSystemTitle
      : parts.clientSystemTitle(context);

  function read<T>(pick: (state: KeyStoreState) => T) {
    return {
      get(context: AccessContext): T | Refused {
        const store = parts.keyStore(context);
        return store === undefined ? refused.objectUnavailable : pick(store.state);
      },
    };
  }

  function method<P, R>(act: (call: SecurityCall, parameters: P) => Answer<R | Refused>) {
    return (parameters: P, context: AccessContext): Answer<R | Refused> => {
      const store = parts.keyStore(context);
      if (store === undefined) return refused.objectUnavailable;
      if (parts.mayChange?.(context) === false) return refused.readWriteDenied;
      return act(
        {
          store,
          state: store.state,
          serverTitle: parts.serverSystemTitle,
          clientTitle: clientTitle(context),
          random: parts.random,
          now: parts.now(),
          takesUntrusted: parts.takesUntrusted === true,
        },
        parameters,
      );
    };
  }

  const common = {
    securitySuite: read((state) => state.suite),
    clientSystemTitle: { get: (context: AccessContext) => clientTitle(context) ?? noTitle },
    serverSystemTitle: parts.serverSystemTitle,
  };

  if (parts.version === 0) {
    return createObject(SecuritySetupV0, name, {
      attributes: { ...common, securityPolicy: read((state) => policyToVersion0(state.policy)) },
      methods: {
        securityActivate: method((call, policy: number) => activate(call, securityPolicyFromVersion0(policy))),
        keyTransfer: method(transferKeys),
      },
    });
  }
  return createObject(SecuritySetup, name, {
    attributes: {
      ...common,
      securityPolicy: read((state) => state.policy),
      certificates: read((state) => listCertificates(state, parts.serverSystemTitle)),
    },
    methods: {
      securityActivate: method(activate),
      keyTransfer: method(transferKeys),
      keyAgreement: method(agreeKeys),
      generateKeyPair: method(generatePair),
      generateCertificateRequest: method(requestCertificate),
      importCertificate: method(importCertificate),
      exportCertificate: method(exportCertificate),
      removeCertificate: method(removeCertificate),
    },
  });
}

/** What version 0 can say of it: protection demanded of requests. */
function policyToVersion0(policy: number): 0 | 1 | 2 | 3 {
  return ((policy >> 2) & 3) as 0 | 1 | 2 | 3;
}

const allPolicyBits = Object.values(securityPolicyBit).reduce((all, bit) => all | bit, 0);
const authenticated = securityPolicyBit.authenticatedRequest | securityPolicyBit.authenticatedResponse;
const ciphered = authenticated | securityPolicyBit.encryptedRequest | securityPolicyBit.encryptedResponse;
const signed = securityPolicyBit.signedRequest | securityPolicyBit.signedResponse;

/** A policy that the keys at hand cannot serve would shut everybody out: it is refused too. */
function activate({ store, state }: SecurityCall, policy: number): Answer<undefined | Refused> {
  if ((policy & ~allPolicyBits) !== 0) return refused.scopeOfAccessViolated;
  if ((policy & state.policy) !== state.policy) return refused.otherReason;
  const { keys, keyPairs } = state;
  const lacksKey =
    ((policy & ciphered) !== 0 && keys.unicast === undefined) ||
    ((policy & authenticated) !== 0 && keys.authentication === undefined) ||
    ((policy & signed) !== 0 && keyPairs.signing === undefined);
  return lacksKey ? refused.otherReason : commit(store, { policy });
}
