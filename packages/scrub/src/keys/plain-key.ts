/** Separators and case do not matter: `Customer-ID`, `customer_id` and `customerId` are one key. */
export function plainKey(key: string): string {
  return key.replace(/[\s_.-]/g, "").toLowerCase();
}
