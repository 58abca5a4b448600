/* Pure: the city's wall clock for a datetime-local field, and back, whatever zone the PC is set to. */
const CITY = 8 * 3600e3;
export const toField = (iso) => new Date(Date.parse(iso) + CITY).toISOString().slice(0, 16);
export const fromField = (text) => new Date(Date.parse(`${text}:00Z`) - CITY).toISOString();
