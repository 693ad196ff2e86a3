// The page of the local stack: starts its parts.

import { showPortrait, startBeyond } from "./beyond.js";
import { startClock } from "./clock.js";
import { showDevices, startFamily } from "./family.js";
import { showNewestCode, startJourney, takeCode } from "./journey.js";
import { startLog } from "./log.js";
import { startOutbox } from "./outbox.js";
import { showReference } from "./reference.js";

startLog();
startClock();
startJourney(async () => {
  showPortrait();
  await showDevices();
});
startFamily();
startBeyond();
startOutbox(takeCode, showNewestCode);
showReference();
