import { attribute, defineInterfaceClass, method } from "../../model/interface-class.js";
import {
  array,
  bitString,
  boolean,
  doubleLongUnsigned,
  enumeration,
  integer,
  logicalNameType,
  octetString,
  structure,
  type ValueOf,
} from "../../model/types.js";

export const imageTransferStatus = {
  notInitiated: 0,
  initiated: 1,
  verificationInitiated: 2,
  verificationSuccessful: 3,
  verificationFailed: 4,
  activationInitiated: 5,
  activationSuccessful: 6,
  activationFailed: 7,
} as const;

export const imageToActivateInfo = structure({
  size: doubleLongUnsigned,
  identification: octetString(),
  signature: octetString(),
});

export type ImageToActivateInfo = ValueOf<typeof imageToActivateInfo>;

/** Carries a firmware image in blocks, verifies and activates it. IEC 62056-6-2, class_id 18, version 0. */
export const ImageTransfer = defineInterfaceClass({
  name: "Image transfer",
  classId: 18,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** Octets of every block but the last. */
    imageBlockSize: attribute(2, doubleLongUnsigned, { access: "get" }),
    /** One bit a block, block 0 first. */
    imageTransferredBlocksStatus: attribute(3, bitString, { access: "get", dynamic: true }),
    imageFirstNotTransferredBlockNumber: attribute(4, doubleLongUnsigned, { access: "get", dynamic: true }),
    imageTransferEnabled: attribute(5, boolean, { access: "getSet" }),
    imageTransferStatus: attribute(6, enumeration(imageTransferStatus), { access: "get", dynamic: true }),
    imageToActivateInfo: attribute(7, array(imageToActivateInfo), { access: "get", dynamic: true }),
  },
  methods: {
    imageTransferInitiate: method(1, structure({ imageIdentifier: octetString(), imageSize: doubleLongUnsigned })),
    imageBlockTransfer: method(2, structure({ imageBlockNumber: doubleLongUnsigned, imageBlockValue: octetString() })),
    imageVerify: method(3, integer),
    imageActivate: method(4, integer),
  },
});
