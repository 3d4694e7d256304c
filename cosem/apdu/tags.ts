/** First byte of each APDU (IEC 62056-5-3, clause 8.5). */
export const apduTag = {
  initiateRequest: 0x01,
  readRequest: 0x05,
  writeRequest: 0x06,
  initiateResponse: 0x08,
  readResponse: 0x0c,
  writeResponse: 0x0d,
  confirmedServiceError: 0x0e,
  dataNotification: 0x0f,
  unconfirmedWriteRequest: 0x16,
  informationReportRequest: 0x18,
  aarq: 0x60,
  aare: 0x61,
  rlrq: 0x62,
  rlre: 0x63,
  getRequest: 0xc0,
  setRequest: 0xc1,
  actionRequest: 0xc3,
  getResponse: 0xc4,
  setResponse: 0xc5,
  eventNotificationRequest: 0xc2,
  actionResponse: 0xc7,
  exceptionResponse: 0xd8,
  accessRequest: 0xd9,
  accessResponse: 0xda,
  generalBlockTransfer: 0xe0,
} as const;

/** invoke-id-and-priority: bit 6 clear means unconfirmed, bit 7 high priority, bits 0 to 3 the id. */
export const serviceClassConfirmed = 0x40;
export const highPriority = 0x80;
