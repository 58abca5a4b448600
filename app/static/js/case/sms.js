/* Pure: what the carrier will charge. Chinese text travels in pieces of 70, or of 67 when there are several. */
const ALONE = 70, JOINED = 67;
export const smsCount = (length) => (length <= ALONE ? 1 : Math.ceil(length / JOINED));
