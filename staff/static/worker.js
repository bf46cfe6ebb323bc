// Shows the alarm's notification where pages may not do so themselves: on phones. It keeps and fetches nothing.
"use strict";

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((open) =>
      open.length ? open[0].focus() : self.clients.openWindow("/staff/")),
  );
});
