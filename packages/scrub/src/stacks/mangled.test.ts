import { describe, expect, it } from "vitest";
import { demangled } from "./mangled.ts";

describe("names as the linker knows them", () => {
  it.each([
    ["_ZN2ui5Curve4moveEi", "ui::Curve::move"],
    ["_ZNK2ui5Curve4sizeEv", "ui::Curve::size"],
    ["_ZN2ui5CurveC2ERKN3gfx6VectorE", "ui::Curve::Curve"],
    ["_ZN2ui5CurveD0Ev", "ui::Curve::~Curve"],
    ["__ZN2ui5Curve4moveEi", "ui::Curve::move"],
    ["_ZN4base12_GLOBAL__N_15sweepEv", "base::(anonymous namespace)::sweep"],
    ["_Z5sweepPKci", "sweep"],
    ["_ZN3app3run17h0123456789abcdefE", "app::run"],
    ["_ZN38_$LT$app..Row$u20$as$u20$app..Draw$GT$4draw17h0123456789abcdefE", "<app::Row as app::Draw>::draw"],
    ["app::Try$LT$T$GT$::grow::h0123456789abcdef", "app::Try<T>::grow"],
    ["_$LT$app..Row$u20$as$u20$app..Draw$GT$::draw", "<app::Row as app::Draw>::draw"],
    ["run::_$u7b$$u7b$closure$u7d$$u7d$", "run::{{closure}}"],
  ])("%s is %s", (mangled, name) => {
    expect(demangled(mangled)).toBe(name);
  });

  it.each([
    "_ZN4base8internal12InvokeHelperILb0EvE8MakeItSoEv",
    "_ZN3app9",
    "_ZN99appE",
    "_ZNSt6vectorIiE4pushEi",
    "_Z",
    "lambda$run$0",
    "Foo$1.run",
    "plain",
  ])("%s stays as it is", (name) => {
    expect(demangled(name)).toBe(name);
  });
});
