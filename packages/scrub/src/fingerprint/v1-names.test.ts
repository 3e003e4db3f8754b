import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanClass, cleanFile, cleanFunction } from "./v1-names.ts";
import { messageTemplate } from "./v1-template.ts";

describe("names that compilers, runtimes and proxies make", () => {
  it.each([
    ["async Object.foo [as bar]", "foo"],
    ["foo$1", "foo"],
    ["lambda$load$3", "load.?"],
    ["$anonfun$load$1$adapted", "load.?"],
    ["load$lambda-2", "load.?"],
    ["shop::cart::pick::{{closure}}::h0123456789abcdef", "shop::cart::pick.?"],
    ["<alloc::vec::Vec<T> as shop::Pick>::pick", "<alloc::vec::Vec<T> as shop::Pick>::pick"],
    ["main.run.func1.2", "main.run.?"],
    ["main.(*Cart).pick", "main.(*Cart).pick"],
    ["void ns::Table<int>::drop(std::string const&) const", "ns::Table::drop"],
    ["copy_row(std::vector<int, std::allocator<int> > const&, int*)", "copy_row"],
    ["(anonymous namespace)::pick(int)", "(anonymous namespace)::pick"],
    ["Row::operator[](unsigned long)", "Row::operator[]"],
    ["parse.constprop.0.isra.0", "parse"],
    ["<Place>d__3", "Place"],
    ["<Run>b__0_1", "Run.?"],
    ["Cart.pick.<anonymous closure>", "Cart.pick.?"],
    ["App\\Cart->{closure}", "App\\Cart->?"],
    ["block (2 levels) in run", "run"],
    ["block in <class:Mill>", "Mill.?"],
    ["<module:Grain::Store>", "Grain::Store.?"],
    ["anonymous fn/1 in Shop.pick/2", "Shop.pick.?"],
    ["Outer.<locals>.inner", "Outer.inner"],
    ["handler.<locals>.<lambda>", "handler.?"],
    ["<lambda>", "?"],
    ["Anonymous function", "?"],
    ["main::__ANON__", "?"],
  ])("%j is %j", (name, clean) => {
    expect(cleanFunction(name)).toBe(clean);
  });

  it.each([
    ["com.acme.Db$$EnhancerBySpringCGLIB$$1a2b3c", "com.acme.Db"],
    ["com.acme.Db$MockitoMock$123", "com.acme.Db"],
    ["com.acme.Db$1", "com.acme.Db$?"],
    ["com.acme.Db$Row", "com.acme.Db$Row"],
    ["Shop.Order.<Place>d__3", "Shop.Order.Place"],
    ["Shop.List`1", "Shop.List"],
  ])("class %j is %j", (name, clean) => {
    expect(cleanClass(name)).toBe(clean);
  });

  it.each([
    ["webpack:///./src/cart.js?a1b2", "cart.js"],
    ["https://x.example/assets/main.3f2a9c1b.js?v=3#x", "main.js"],
    ["chunk-8FA2K1QZ.mjs", "chunk.mjs"],
    ["/home/jane/app/lib-1.4.2.js", "lib.js"],
    ["C:\\work\\Cart.cs", "Cart.cs"],
    ["/usr/lib/libfoo.so.1.2.3", "libfoo.so"],
    ["blob:https://x/abc", ""],
  ])("file %j is %j", (file, clean) => {
    expect(cleanFile(file)).toBe(clean);
  });

  it("settle: cleaning twice changes no file, and no text breaks it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: "binary" }), (text) => {
        expect(typeof cleanFunction(text)).toBe("string");
        expect(typeof cleanClass(text)).toBe("string");
        expect(typeof cleanFile(text)).toBe("string");
        expect(messageTemplate(text).length).toBeLessThan(4000);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what is said", () => {
  it.each([
    ["upstream answered 502", "upstream answered 502"],
    ["upstream answered 503", "upstream answered 503"],
    ["order 502 is late", "order <n> is late"],
    ["open /tmp/x81/data.json failed", "open <path>/data.json failed"],
    ["cannot reach db-1.svc.cluster.local:5432", "cannot reach <host>"],
    ["dial 10.1.2.3:80 refused", "dial <ip> refused"],
    ["took 1.5s at 2026-11-21 07:39:01", "took <duration> at <time>"],
    ["no row 0xdeadbeef in `items'", "no row <hex> in <value>"],
  ])("%j becomes %j", (message, template) => {
    expect(messageTemplate(message)).toBe(template);
  });
});
