package com.android.tools.r8;

import java.util.ArrayList;
import java.util.List;

/** Stands in for Android's dexer where the SDK is not at hand: translates d8's options for dx. */
public final class D8 {
    private D8() {}

    public static void main(String[] given) throws Exception {
        List<String> options = new ArrayList<>();
        options.add("--dex");
        options.add("--min-sdk-version=26");
        options.add("--no-strict");
        List<String> classes = new ArrayList<>();
        for (int i = 0; i < given.length; i++) {
            switch (given[i]) {
                case "--output":
                    options.add("--output=" + given[++i] + "/classes.dex");
                    break;
                case "--lib":
                case "--classpath":
                case "--min-api":
                    i++;
                    break;
                default:
                    if (!given[i].startsWith("--")) {
                        classes.add(given[i]);
                    }
            }
        }
        options.addAll(classes);
        com.android.dx.command.Main.main(options.toArray(new String[0]));
    }
}
