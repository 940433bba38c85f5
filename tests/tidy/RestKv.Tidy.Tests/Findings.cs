namespace RestKv.Tidy.Tests;

/// <summary>Fails with all offences at once: one by one they would take as many runs to mend.</summary>
internal static class Findings
{
    public static void None(IEnumerable<string> findings) => AtMost(0, findings);

    public static void AtMost(int allowed, IEnumerable<string> findings)
    {
        var list = findings.ToArray();
        Assert.True(list.Length <= allowed, $"{list.Length} found, {allowed} allowed:\n{string.Join('\n', list)}");
    }
}
