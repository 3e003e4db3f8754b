import { SWITCH, PUBLIC, envelope, asGrant, asPerson, pause, showEach, type Case } from "./checks-fixture.ts";
import { aCase, aGrant, aLamp, anEnvelope, aTrigger, byHand, HALL, NOW } from "./facts-fixture.ts";

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "check 1: something known is asked for": [
    ["what a trigger's ladder says may be done", aCase(), null],
    ["what a grant asks for may be done", aCase(asGrant), null],
    ["what a person asks for may be done", aCase(asPerson), null],
    [
      "an envelope that nobody configured",
      aCase({ request: { envelope: "lamps" }, governing: { name: "lamps", envelope: null, isOn: true } }),
      "unknown_probe",
    ],
    ["an envelope where no book has any", aCase({ request: { envelope: "lamps" } }), "unknown_probe"],
    [
      "an envelope that does not list it, whether or not something could do it",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: "paint", remedy: null }),
      "action_not_in_envelope",
    ],
    [
      "what is only reserved is known to nobody, also inside an envelope",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: "file_issue", remedy: null }),
      "unknown_remedy",
      "file_issue",
    ],
    [
      "the other reserved name",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: "propose_fix", remedy: null }),
      "unknown_remedy",
    ],
    [
      "what an envelope lists and nothing does",
      aCase({
        request: { envelope: "lamps" },
        governing: anEnvelope([{ ...SWITCH, do: "paint" }]),
        action: "paint",
        remedy: null,
      }),
      "unknown_remedy",
    ],
    [
      "an envelope and no action",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: null, remedy: null }),
      "action_not_in_envelope",
    ],
    ["a trigger that is not there", aCase({ trigger: null }), "unknown_trigger", "light-hall"],
    [
      "a trigger without a remedy only watches",
      aCase({ action: null, remedy: null, rung: null }),
      "detect_only",
      "light-hall",
    ],
    ["what nothing here can carry out", aCase({ action: "paint", remedy: null }), "unknown_remedy", "paint"],
  ],
  "check 2: not ourselves, no symptom, believable": [
    ["we never heal ourselves", aCase({ request: { target: "prunella:doors" } }), "self"],
    [
      "nor does a person have that done by a trigger",
      aCase({ request: { ...byHand, target: "prunella:doors" } }),
      "self",
    ],
    [
      "what only looks like our name is another",
      aCase({ request: { target: "prunella2:doors" } }),
      "target_id_invalid",
    ],
    ["nothing but a target is needed where nothing was the cause", aCase({ request: { cause: null } }), null],
    [
      "a symptom that the trigger expects of a remedy at work",
      aCase({ activeOnTarget: 1, trigger: aTrigger({ envelope: { ...envelope, expected_symptoms: ["webhook"] } }) }),
      "expected_symptom",
    ],
    [
      "a symptom that the remedy causes itself",
      aCase({ activeOnTarget: 1, remedy: aLamp({ symptoms: ["webhook"] }) }),
      "expected_symptom",
    ],
    ["the same event while nothing is at work", aCase({ remedy: aLamp({ symptoms: ["webhook"] }) }), null],
    [
      "another event while something is at work",
      aCase({ activeOnTarget: 1, remedy: aLamp({ symptoms: ["crash"] }) }),
      null,
    ],
    [
      "no event of a person is a symptom",
      aCase({ request: byHand, activeOnTarget: 1, remedy: aLamp({ symptoms: ["webhook"] }) }),
      null,
    ],
    ["what anybody could have sent", aCase({ request: { cause: PUBLIC } }), "untrusted_source"],
    [
      "the same without a trigger that would allow it",
      aCase({ ...asPerson, request: { ...asPerson.request, cause: PUBLIC } }),
      "untrusted_source",
    ],
    [
      "the same where the trigger allows it",
      aCase({ request: { cause: PUBLIC }, trigger: aTrigger({ envelope: { ...envelope, allow_public: true } }) }),
      null,
    ],
  ],
  "check 3: anything but an explicit yes is no": [
    ["the kill switch stops what goes by itself", aCase({ isKilled: true }), "killed"],
    ["the kill switch stops people too", aCase({ isKilled: true, request: byHand }), "killed"],
    [
      "a pause of the trigger",
      aCase({ pauses: [pause("deploy", true, null)] }),
      "paused",
      "The trigger is paused: deploy.",
    ],
    [
      "a pause of the project, with every reason",
      aCase({ pauses: [pause("deploy", true, null), pause("fair", false, null)] }),
      "paused",
      "The project is paused: deploy; fair.",
    ],
    ["a pause holds callers from outside", aCase({ ...asGrant, pauses: [pause("deploy", false, null)] }), "paused"],
    ["a pause holds no person", aCase({ request: byHand, pauses: [pause("deploy", false, null)] }), null],
    [
      "a trigger whose envelope is off, for people too",
      aCase({ request: byHand, trigger: aTrigger({ envelope: { ...envelope, enabled: false } }) }),
      "envelope_disabled",
    ],
    [
      "an envelope whose switch is off",
      aCase({ governing: anEnvelope([SWITCH], false) }),
      "envelope_disabled",
      "PRUNELLA_AUTOFIX_LAMPS_ENABLED",
    ],
    ["an envelope whose switch is on", aCase({ governing: anEnvelope([SWITCH]) }), null],
    [
      "an envelope that is not there has no switch",
      aCase({ governing: { name: "", envelope: null, isOn: false } }),
      "action_not_in_envelope",
      "No envelope lists switch_on.",
    ],
    [
      "a plugin that is switched off",
      aCase({ barred: { refusal: "plugin_disabled", detail: "It is switched off." } }),
      "plugin_disabled",
      "It is switched off.",
    ],
  ],
  "check 4: a grant covers it": [
    ["no grant of this name", aCase({ ...asGrant, grant: null }), "not_granted", "agents"],
    ["a grant that was revoked", aCase({ ...asGrant, grant: aGrant({ revoked_at: NOW - 1 }) }), "not_granted"],
    [
      "a grant that is over to the millisecond",
      aCase({ ...asGrant, grant: aGrant({ expires_at: NOW }) }),
      "not_granted",
      "over",
    ],
    ["a grant in its last millisecond", aCase({ ...asGrant, grant: aGrant({ expires_at: NOW + 1 }) }), null],
    [
      "another action than is granted",
      aCase({ ...asGrant, grant: aGrant({ actions: ["paint"] }) }),
      "not_granted",
      "switch_on",
    ],
    [
      "another target than is granted",
      aCase({ ...asGrant, grant: aGrant({ targets: ["lamp:attic"] }) }),
      "not_granted",
      HALL,
    ],
    ["no grant is asked of a person", aCase(asPerson), null],
    [
      "what a grant gives, a bar of the remedy takes",
      aCase({ ...asGrant, barred: { refusal: "artifact_changed", detail: "It is another." } }),
      "artifact_changed",
      "It is another.",
    ],
    [
      "a bar for whoever asks",
      aCase({ barred: { refusal: "not_granted", detail: "It has no such grant." } }),
      "not_granted",
      "It has no such grant.",
    ],
    [
      "no grant comes before a bar",
      aCase({ ...asGrant, grant: null, barred: { refusal: "artifact_changed", detail: "It is another." } }),
      "not_granted",
      "There is no grant agents.",
    ],
    ["a token that is not set", aCase({ lacks: "fly" }), "fly_token_unset", "fly"],
    [
      "a bar comes before a token",
      aCase({ lacks: "fly", barred: { refusal: "not_granted", detail: "It has no grant." } }),
      "not_granted",
    ],
  ],
  "check 5: inside the envelope": [
    [
      "an envelope that lists other actions",
      aCase({
        governing: anEnvelope([
          { ...SWITCH, do: "paint" },
          { ...SWITCH, do: "paint", targets: ["lamp:attic"] },
        ]),
      }),
      "action_not_in_envelope",
      "The envelope lamps lists only paint.",
    ],
    [
      "an envelope that only observes",
      aCase({ governing: anEnvelope([]) }),
      "action_not_in_envelope",
      "The envelope lamps lists no action: it only observes.",
    ],
    [
      "an action that its trigger does not list",
      aCase({ trigger: aTrigger({ envelope: { ...envelope, actions: ["paint"] } }) }),
      "action_not_in_envelope",
      "switch_on",
    ],
    [
      "a target that the remedy does not act on",
      aCase({ remedy: aLamp({ targetKinds: ["door"] }) }),
      "target_id_invalid",
    ],
    ["a remedy that acts on whatever is listed", aCase({ remedy: aLamp({ targetKinds: ["*"] }) }), null],
    ["one of several kinds is enough", aCase({ remedy: aLamp({ targetKinds: ["door", "lamp"] }) }), null],
    [
      "a target with a letter that looks like another",
      aCase({ request: { target: "lamp:h\u0430ll" } }),
      "target_id_invalid",
    ],
    ["a target that its trigger does not list", aCase({ request: { target: "lamp:attic" } }), "target_id_invalid"],
    [
      "a target that its envelope does not list",
      aCase({ governing: anEnvelope([{ ...SWITCH, targets: ["lamp:attic"] }]) }),
      "target_id_invalid",
      "lamps",
    ],
    [
      "a person without a trigger is bounded by the remedy alone",
      aCase({ ...asPerson, request: { ...asPerson.request, target: "lamp:attic" } }),
      null,
    ],
  ],
};

showEach(CASES);
