/**
 * The associations of one peer, whatever frames its APDUs come in: one association a client SAP, made at the AARQ.
 * Each framing hands whole APDUs with their two SAPs in and takes answers out.
 */
import {
  apduTag,
  type ByteWriter,
  type CloseReason,
  createServerAssociation,
  encodeExceptionResponse,
  refuseAssociation,
  type ShortNames,
  serviceError,
  stateError,
} from "../../../cosem/index.js";
import { AssociationLink } from "./association-link.js";
import { hasShortNames, policyOf } from "./association-policy.js";
import type { DlmsClient, DlmsLimits, DlmsViewParts } from "./options.js";

export interface PeerAssociationsParts
  extends Pick<DlmsViewParts, "registry" | "logger" | "clock" | "systemTitle" | "failures" | "counters"> {
  /** Address and port, or the line, for the log and the audit. */
  readonly peer: string;
  readonly clients: ReadonlyMap<number, DlmsClient>;
  readonly limits: DlmsLimits;
  readonly scratch: ByteWriter;
  readonly shortNames: ShortNames;
  /** Takes an answer; the bytes are good for this call only. */
  send(clientSap: number, serverSap: number, apdu: Uint8Array): void;
}

const notAssociated = encodeExceptionResponse({
  stateError: stateError.serviceNotAllowed,
  serviceError: serviceError.operationNotPossible,
  invocationCounter: undefined,
});

const failedAuthentications: readonly string[] = ["wrongPassword", "authenticationFailed"];

/** Without the port, which is another for each connection. */
const addressOf = (peer: string) => peer.replace(/:\d+$/, "");

export class PeerAssociations {
  private readonly parts: PeerAssociationsParts;
  private readonly links = new Map<number, AssociationLink>();
  /** Links whose client has still to prove who it is (passes 3 and 4): one a client. */
  private readonly candidates = new Map<number, AssociationLink>();
  private lastLink: AssociationLink | undefined;
  private hasLoggedRejection = false;

  constructor(parts: PeerAssociationsParts) {
    this.parts = parts;
  }

  /** One APDU. A promise where its answer must be waited for: the next APDU waits with it. */
  receive(clientSap: number, serverSap: number, apdu: Uint8Array, now: number): Promise<void> | undefined {
    if (apdu[0] === apduTag.aarq && this.isHeldBack(now)) {
      this.parts.counters?.count("association", "heldBack");
      this.refuse(clientSap, serverSap, "unknownClient");
      return undefined;
    }
    const last = this.lastLink;
    if (last !== undefined && last.clientSap === clientSap && last.serverSap === serverSap) {
      return last.receive(apdu, now);
    }
    const link = this.links.get(clientSap);
    if (link !== undefined && link.serverSap === serverSap) {
      this.lastLink = link;
      return link.receive(apdu, now);
    }
    const candidate = this.candidates.get(clientSap);
    if (candidate !== undefined && candidate.serverSap === serverSap) return this.try(candidate, apdu, now);
    if (apdu[0] === apduTag.aarq) {
      const made = this.makeLink(clientSap, serverSap);
      return made === undefined ? undefined : this.try(made, apdu, now);
    }
    this.parts.send(clientSap, serverSap, notAssociated);
    this.rejected("no association is open", "no association is open");
    return undefined;
  }

  /** The client's other association, to another logical device, ends only when this one is open. */
  private try(link: AssociationLink, apdu: Uint8Array, now: number): Promise<void> | undefined {
    const { clientSap } = link;
    const waiting = link.receive(apdu, now);
    if (link.isOpen) {
      this.candidates.delete(clientSap);
      this.links.get(clientSap)?.close("replaced");
      this.links.set(clientSap, link);
      this.lastLink = link;
    } else if (link.isPending) {
      this.candidates.set(clientSap, link);
    } else {
      this.candidates.delete(clientSap);
    }
    return waiting;
  }

  private makeLink(clientSap: number, serverSap: number): AssociationLink | undefined {
    const { clients, registry, limits, logger, clock, scratch, peer } = this.parts;
    const client = clients.get(clientSap);
    const device = registry.deviceBySap(serverSap);
    if (client === undefined || device === undefined) {
      const reason = client === undefined ? "unknownClient" : "unknownServer";
      this.refuse(clientSap, serverSap, reason);
      this.refused(clientSap, serverSap, reason);
      return undefined;
    }
    const machine = createServerAssociation({
      policy: policyOf(client, device, this.parts),
      inactivityTimeoutMs: limits.inactivityTimeoutMs,
      maxAssembledBytes: limits.maxAssembledBytes,
      blockWindow: limits.blockWindow,
      scratch,
    });
    return new AssociationLink({
      client,
      device,
      ...(hasShortNames(client) ? { shortNames: this.parts.shortNames.of(device) } : {}),
      machine,
      peer,
      registry,
      logger,
      clock,
      send: (apdu) => this.parts.send(clientSap, serverSap, apdu),
      onRefused: (reason) => this.refused(clientSap, serverSap, reason),
      onRejected: (detail) => this.rejected(detail),
    });
  }

  private refuse(clientSap: number, serverSap: number, reason: "unknownClient" | "unknownServer"): void {
    const refusal = refuseAssociation(reason);
    if (!refusal.accepted && refusal.aare !== undefined) this.parts.send(clientSap, serverSap, refusal.aare);
  }

  private refused(client: number, server: number, reason: string): void {
    const { logger, peer, failures, clock, counters } = this.parts;
    counters?.count("association", reason);
    logger.warn("association refused", { peer, client, server, reason });
    if (failures === undefined || !failedAuthentications.includes(reason)) return;
    const heldBackMs = failures.failed(addressOf(peer), clock.monotonic(), client);
    if (heldBackMs > 0) logger.warn("held back after too many failed authentications", { peer, heldBackMs });
  }

  /** Whoever is held back is refused without a look at what he says, and without a line in the log for each try. */
  private isHeldBack(now: number): boolean {
    const { failures, peer } = this.parts;
    return failures !== undefined && failures.heldBackMs(addressOf(peer), now) > 0;
  }

  /** The first of a peer is worth a warning; a hostile one fills no log. */
  private rejected(reason: string, counted = "not taken"): void {
    const { logger, peer, counters } = this.parts;
    counters?.count("request", counted);
    if (this.hasLoggedRejection) logger.debug("request rejected", { peer, reason });
    else logger.warn("request rejected", { peer, reason });
    this.hasLoggedRejection = true;
  }

  /** Closes associations that were silent for too long. */
  expire(now: number): void {
    for (const [clientSap, candidate] of this.candidates) {
      candidate.expire(now);
      if (!candidate.isPending) this.candidates.delete(clientSap);
    }
    for (const link of this.links.values()) {
      link.expire(now);
      if (!link.isOpen && !link.isPending) this.forget(link);
    }
  }

  /** The logical device with which a client has an association open. */
  openServerOf(clientSap: number): number | undefined {
    const link = this.links.get(clientSap);
    return link?.isOpen ? link.serverSap : undefined;
  }

  /** Ends what a client has with a logical device: the layer below has lost its link. */
  drop(clientSap: number, serverSap: number, reason: CloseReason): void {
    const candidate = this.candidates.get(clientSap);
    if (candidate?.serverSap === serverSap) {
      candidate.close(reason);
      this.candidates.delete(clientSap);
    }
    const link = this.links.get(clientSap);
    if (link === undefined || link.serverSap !== serverSap) return;
    link.close(reason);
    this.forget(link);
  }

  private forget(link: AssociationLink): void {
    this.links.delete(link.clientSap);
    if (this.lastLink === link) this.lastLink = undefined;
  }

  close(reason: CloseReason): void {
    for (const link of [...this.links.values(), ...this.candidates.values()]) link.close(reason);
    this.links.clear();
    this.candidates.clear();
    this.lastLink = undefined;
  }
}
