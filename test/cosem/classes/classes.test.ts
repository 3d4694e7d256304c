import { describe, expect, it } from "vitest";
import { classById, interfaceClasses } from "../../../cosem/index.js";

/** IEC 62056-6-2: attributes and methods of each class in the order of their indexes, all counting from 1. */
const standard = {
  "1/0": ["logicalName value", ""],
  "3/0": ["logicalName value scalerUnit", "reset"],
  "4/0": ["logicalName value scalerUnit status captureTime", "reset"],
  "7/1": [
    "logicalName buffer captureObjects capturePeriod sortMethod sortObject entriesInUse profileEntries",
    "reset capture",
  ],
  "8/0": [
    "logicalName time timeZone status daylightSavingsBegin daylightSavingsEnd daylightSavingsDeviation daylightSavingsEnabled clockBase",
    "adjustToQuarter adjustToMeasuringPeriod adjustToMinute adjustToPresetTime presetAdjustingTime shiftTime",
  ],
  // Methods 3, 5 and 8: a blank stands for each that is not declared.
  "12/0": ["logicalName objectList", "  readByLogicalname  changeSecret   replyToHlsAuthentication"],
  "12/1": ["logicalName objectList accessRightsList", "  readByLogicalname  changeSecret   replyToHlsAuthentication"],
  "12/2": [
    "logicalName objectList accessRightsList securitySetupReference",
    "  readByLogicalname  changeSecret   replyToHlsAuthentication",
  ],
  "12/3": [
    "logicalName objectList accessRightsList securitySetupReference userList currentUser",
    "  readByLogicalname  changeSecret   replyToHlsAuthentication",
  ],
  "12/4": [
    "logicalName objectList accessRightsList securitySetupReference userList currentUser",
    "  readByLogicalname  changeSecret   replyToHlsAuthentication",
  ],
  "15/0": [
    "logicalName objectList associatedPartnersId applicationContextName xdlmsContextInfo authenticationMechanismName secret associationStatus",
    "replyToHlsAuthentication changeHlsSecret addObject removeObject",
  ],
  "15/1": [
    "logicalName objectList associatedPartnersId applicationContextName xdlmsContextInfo authenticationMechanismName secret associationStatus securitySetupReference",
    "replyToHlsAuthentication changeHlsSecret addObject removeObject",
  ],
  "15/2": [
    "logicalName objectList associatedPartnersId applicationContextName xdlmsContextInfo authenticationMechanismName secret associationStatus securitySetupReference userList currentUser",
    "replyToHlsAuthentication changeHlsSecret addObject removeObject addUser removeUser",
  ],
  "15/3": [
    "logicalName objectList associatedPartnersId applicationContextName xdlmsContextInfo authenticationMechanismName secret associationStatus securitySetupReference userList currentUser",
    "replyToHlsAuthentication changeHlsSecret addObject removeObject addUser removeUser",
  ],
  "17/0": ["logicalName sapAssignmentList", "connectLogicalDevice"],
  "5/0": [
    "logicalName currentAverageValue lastAverageValue scalerUnit status captureTime startTimeCurrent period numberOfPeriods",
    "reset nextPeriod",
  ],
  "9/0": ["logicalName scripts", "execute"],
  "18/0": [
    "logicalName imageBlockSize imageTransferredBlocksStatus imageFirstNotTransferredBlockNumber imageTransferEnabled imageTransferStatus imageToActivateInfo",
    "imageTransferInitiate imageBlockTransfer imageVerify imageActivate",
  ],
  "19/1": [
    "logicalName defaultMode defaultBaud proposedBaud responseTime deviceAddress passwordP1 passwordP2 passwordW5",
    "",
  ],
  "21/0": ["logicalName thresholds monitoredValue actions", ""],
  "22/0": ["logicalName executedScript type executionTime", ""],
  "23/1": [
    "logicalName commSpeed windowSizeTransmit windowSizeReceive maxInfoFieldLengthTransmit maxInfoFieldLengthReceive interOctetTimeOut inactivityTimeOut deviceAddress",
    "",
  ],
  "25/0": ["logicalName defaultBaud availableBaud addressState busAddress", ""],
  "40/0": [
    "logicalName pushObjectList sendDestinationAndMethod communicationWindow randomisationStartInterval numberOfRetries repetitionDelay",
    "push",
  ],
  "40/1": [
    "logicalName pushObjectList sendDestinationAndMethod communicationWindow randomisationStartInterval numberOfRetries repetitionDelay portReference pushClientSap pushProtectionParameters",
    "push",
  ],
  "40/2": [
    "logicalName pushObjectList sendDestinationAndMethod communicationWindow randomisationStartInterval numberOfRetries repetitionDelay portReference pushClientSap pushProtectionParameters pushOperationMethod confirmationParameters lastConfirmationDateTime",
    "push reset",
  ],
  "41/0": [
    "logicalName tcpUdpPort ipReference maximumSegmentSize numberOfSimultaneousConnections inactivityTimeOut",
    "",
  ],
  "42/0": [
    "logicalName dlReference ipAddress multicastIpAddress ipOptions subnetMask gatewayIpAddress useDhcpFlag primaryDnsAddress secondaryDnsAddress",
    "addMcIpAddress deleteMcIpAddress getNumberOfMcIpAddresses",
  ],
  "43/0": ["logicalName macAddress", ""],
  "44/0": ["logicalName phyReference lcpOptions ipcpOptions pppAuthentication", ""],
  "45/0": ["logicalName apn pinCode qualityOfService", ""],
  "47/0": ["logicalName operator status csAttachment psStatus cellInfo adjacentCells captureTime", ""],
  "47/1": ["logicalName operator status csAttachment psStatus cellInfo adjacentCells captureTime", ""],
  "48/0": [
    "logicalName dlReference addressConfigMode unicastIpv6Addresses multicastIpv6Addresses gatewayIpv6Addresses primaryDnsAddress secondaryDnsAddress trafficClass neighborDiscoverySetup",
    "addIpv6Address removeIpv6Address",
  ],
  "62/0": ["logicalName compactBuffer captureObjects templateId templateDescription captureMethod", "reset capture"],
  "62/1": ["logicalName compactBuffer captureObjects templateId templateDescription captureMethod", "reset capture"],
  "63/0": ["logicalName statusWord mappingTable", ""],
  "64/0": [
    "logicalName securityPolicy securitySuite clientSystemTitle serverSystemTitle",
    "securityActivate keyTransfer",
  ],
  "64/1": [
    "logicalName securityPolicy securitySuite clientSystemTitle serverSystemTitle certificates",
    "securityActivate keyTransfer keyAgreement generateKeyPair generateCertificateRequest importCertificate exportCertificate removeCertificate",
  ],
  "65/0": ["logicalName changedParameter captureTime parameterList", "addParameter removeParameter"],
  "70/0": ["logicalName outputState controlState controlMode", "remoteDisconnect remoteReconnect"],
  "71/0": [
    "logicalName monitoredValue thresholdActive thresholdNormal thresholdEmergency minOverThresholdDuration minUnderThresholdDuration emergencyProfile emergencyProfileGroupIdList emergencyProfileActive actions",
    "",
  ],
  "72/0": [
    "logicalName mbusPortReference captureDefinition capturePeriod primaryAddress identificationNumber manufacturerId version deviceType accessNumber status alarm",
    "slaveInstall slaveDeinstall capture resetAlarm synchronizeClock dataSend setEncryptionKey transferKey",
  ],
  "72/1": [
    "logicalName mbusPortReference captureDefinition capturePeriod primaryAddress identificationNumber manufacturerId version deviceType accessNumber status alarm configuration encryptionKeyStatus",
    "slaveInstall slaveDeinstall capture resetAlarm synchronizeClock dataSend setEncryptionKey transferKey",
  ],
  "73/1": ["logicalName addressState deviceAddress addressMask", ""],
  "74/0": ["logicalName commSpeed", ""],
  "76/0": [
    "logicalName mbusProfileSelection mbusPortCommunicationState mbusDataHeaderType primaryAddress identificationNumber manufacturerId version deviceType maxPduSize listeningWindow",
    "",
  ],
  "77/0": [
    "logicalName receivedSignalStrength channelId linkStatus broadcastFramesCounter transmissionsCounter fcsOkFramesCounter fcsNokFramesCounter captureTime",
    "reset",
  ],
  "100/0": [
    "logicalName activated serverAddress serverPort authenticationMethod authenticationKeys clientKey",
    "synchronize addAuthenticationKey deleteAuthenticationKey",
  ],
} as const;

/** IEC 62056-6-2: how many attributes the class has, counted apart from the names above. */
const attributeCounts = {
  "15/1": 9,
  "15/2": 11,
  "40/0": 7,
  "40/1": 10,
  "40/2": 13,
  "64/0": 5,
  "64/1": 6,
  "62/0": 6,
  "62/1": 6,
  "72/0": 12,
  "72/1": 14,
  "77/0": 9,
  "100/0": 7,
} as const;

const names = (list: readonly (readonly [string, unknown] | undefined)[]) =>
  list
    .slice(1)
    .map((entry) => entry?.[0])
    .join(" ");

describe("the list of classes", () => {
  it.each(Object.entries(standard))(
    "class %s has the attributes and methods of the standard",
    (key, [attributes, methods]) => {
      const [classId, version] = key.split("/").map(Number);
      const interfaceClass = classById(classId ?? 0, version);
      expect(names(interfaceClass?.attributeAt ?? [])).toBe(attributes);
      expect(names(interfaceClass?.methodAt ?? [])).toBe(methods);
    },
  );

  it.each(Object.entries(attributeCounts))("class %s has %i attributes", (key, count) => {
    const [classId, version] = key.split("/").map(Number);
    expect(Object.keys(classById(classId ?? 0, version)?.attributes ?? {})).toHaveLength(count);
  });

  it("gives the newest version where none is named", () => {
    expect(classById(72)?.version).toBe(1);
    expect(classById(62)?.version).toBe(1);
    expect(classById(3)?.version).toBe(0);
  });

  it("holds nothing else", () => {
    expect(interfaceClasses.map(({ classId, version }) => `${classId}/${version}`).sort()).toEqual(
      Object.keys(standard).sort(),
    );
    expect(classById(15, 4)).toBeUndefined();
    expect(classById(9999)).toBeUndefined();
  });

  it("never lets a secret be read", () => {
    for (const version of [0, 1, 2, 3]) expect(classById(15, version)?.attributeAt[7]?.[1].access).toBe("set");
  });
});
