/** Where root puts what other users have to reach, when the checkout itself is closed to them. */
export const sharedFolder = '/var/lib/event-tracker';
