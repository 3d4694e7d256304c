import {
  activated,
  activationStarted,
  blockKept,
  blocksStatus,
  type ImageRefusal,
  type ImageToActivateInfo,
  ImageTransfer,
  type ImageTransferState,
  imageTransferStatus,
  initiateImage,
  noImage,
  placeOfBlock,
  verificationStarted,
  verified,
} from "../../classes/index.js";
import { type LogicalName, logicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";
import { isRefused, refused } from "../refused.js";
import { whenAccepted } from "../when-accepted.js";

/** Where the image's octets are kept, and what becomes of it. None of its answers may take a second image's place. */
export interface FirmwarePort {
  /** Room for an image of `size` octets; what was kept before is thrown away. */
  begin(identifier: Uint8Array, size: number, context: AccessContext): Answer<undefined | Refused>;
  keep(offset: number, octets: Uint8Array): Answer<undefined | Refused>;
  /** What the whole image holds; a refusal: it is not sound. */
  verify(context: AccessContext): Answer<readonly ImageToActivateInfo[] | Refused>;
  /** "started": it ends later, by activationEnded() or with the next start of the process. */
  activate(context: AccessContext): Answer<"activated" | "started" | Refused>;
}

export interface ImageTransferParts {
  readonly firmware: FirmwarePort;
  /** Default: 0-0:44.0.0*255. */
  readonly logicalName?: LogicalName;
  /** Octets; a block must fit the clients' PDU. Default: 1024. */
  readonly imageBlockSize?: number;
  readonly maxImageBytes: number;
  /** Whether transfers are allowed at the start. Default: false. */
  readonly isEnabled?: boolean;
  /** Told before image_transfer_enabled changes; without it the attribute cannot be written. */
  readonly enabledChanged?: (isEnabled: boolean, context: AccessContext) => Answer<undefined | Refused>;
}

export interface ImageTransferObject extends CosemObject {
  state(): ImageTransferState;
  /** Ends an activation that the port has only started. */
  activationEnded(isSuccessful: boolean): void;
}

const maxIdentifierBytes = 255;

/**
 * Receives a firmware image. While the transfer is not enabled all methods are refused. Answers of image_verify and
 * image_activate: success when done, temporary-failure while under way, other-reason when failed.
 */
export function createImageTransfer(parts: ImageTransferParts): ImageTransferObject {
  const { firmware, maxImageBytes, enabledChanged } = parts;
  let state = noImage(parts.imageBlockSize ?? 1024);
  let isEnabled = parts.isEnabled ?? false;

  function initiate(
    image: { readonly imageIdentifier: Uint8Array; readonly imageSize: number },
    context: AccessContext,
  ): Answer<undefined | Refused> {
    const next = initiateImage(state, image, { maxImageBytes, maxIdentifierBytes });
    if (typeof next === "string") return refusalOf(next);
    // Nothing may be kept of an image while the room for it is made.
    state = noImage(state.blockSize);
    return whenAccepted(firmware.begin(next.identifier, next.size, context), () => {
      state = next;
    });
  }

  function keepBlock(block: { readonly imageBlockNumber: number; readonly imageBlockValue: Uint8Array }) {
    const image = state.identifier;
    const place = placeOfBlock(state, block.imageBlockNumber, block.imageBlockValue.length);
    if (typeof place === "string") return refusalOf(place);
    return whenAccepted(firmware.keep(place, block.imageBlockValue), () => {
      // Another transfer may have begun while the block was written.
      if (state.identifier === image) state = blockKept(state, block.imageBlockNumber);
    });
  }

  function verify(context: AccessContext): Answer<undefined | Refused> {
    if (state.status === imageTransferStatus.verificationInitiated) return refused.temporaryFailure;
    const next = verificationStarted(state);
    if (typeof next === "string") return refusalOf(next);
    state = next;
    return settled(() => firmware.verify(context), verificationEnded);
  }

  function verificationEnded(images: readonly ImageToActivateInfo[] | Refused): undefined | Refused {
    state = verified(state, isRefused(images) ? undefined : images);
    return isRefused(images) ? refused.otherReason : undefined;
  }

  /** An image not verified yet is verified first. */
  function activate(context: AccessContext): Answer<undefined | Refused> {
    if (state.status === imageTransferStatus.activationInitiated) return refused.temporaryFailure;
    if (state.status === imageTransferStatus.initiated) {
      const answer = verify(context);
      if (answer instanceof Promise) return answer.then((later) => later ?? activate(context));
      if (answer !== undefined) return answer;
    }
    const next = activationStarted(state);
    if (typeof next === "string") return refusalOf(next);
    state = next;
    return settled(() => firmware.activate(context), activationAnswered);
  }

  function activationAnswered(answer: "activated" | "started" | Refused): undefined | Refused {
    if (answer === "started") return refused.temporaryFailure;
    state = activated(state, answer === "activated");
    return answer === "activated" ? undefined : refused.otherReason;
  }

  /** A port that throws has failed: the state must not stay under way for ever. */
  function settled<T>(ask: () => Answer<T | Refused>, then: (answer: T | Refused) => undefined | Refused) {
    const failed = (error: unknown) => {
      then(refused.otherReason);
      throw error;
    };
    try {
      const answer = ask();
      return answer instanceof Promise ? answer.then(then, failed) : then(answer);
    } catch (error) {
      return failed(error);
    }
  }

  function whenEnabled<P>(method: (parameters: P, context: AccessContext) => Answer<undefined | Refused>) {
    return (parameters: P, context: AccessContext) =>
      isEnabled ? method(parameters, context) : refused.readWriteDenied;
  }

  const setEnabled = (value: boolean, context: AccessContext) =>
    whenAccepted(enabledChanged?.(value, context), () => {
      isEnabled = value;
    });

  const object = createObject(ImageTransfer, parts.logicalName ?? logicalName("0-0:44.0.0*255"), {
    attributes: {
      imageBlockSize: { get: () => state.blockSize },
      imageTransferredBlocksStatus: { get: () => blocksStatus(state) },
      imageFirstNotTransferredBlockNumber: { get: () => state.firstMissing },
      imageTransferEnabled:
        enabledChanged === undefined ? { get: () => isEnabled } : { get: () => isEnabled, set: setEnabled },
      imageTransferStatus: { get: () => state.status },
      imageToActivateInfo: { get: () => state.toActivate },
    },
    methods: {
      imageTransferInitiate: whenEnabled(initiate),
      imageBlockTransfer: whenEnabled(keepBlock),
      imageVerify: whenEnabled((_, context) => verify(context)),
      imageActivate: whenEnabled((_, context) => activate(context)),
    },
  });
  return {
    ...object,
    state: () => state,
    activationEnded(isSuccessful) {
      if (state.status === imageTransferStatus.activationInitiated) state = activated(state, isSuccessful);
    },
  };
}

function refusalOf(refusal: ImageRefusal): Refused {
  return refusal === "notNow" ? refused.otherReason : refused.scopeOfAccessViolated;
}
