using System.Text.RegularExpressions;

namespace RestKv.Tidy.Tests;

/// <summary>A test that asserts nothing passes whatever the product does.</summary>
public sealed partial class AssertionTests
{
    /// <summary>How many calls away from the test the assertion may be.</summary>
    private const int CallsMax = 3;

    [Fact]
    public void Every_test_asserts()
    {
        var methods = SourceFile.CSharp.Where(file => file.IsIn("tests"))
            .SelectMany(file => Method().Matches(file.Text).Select(method => (
                File: file,
                Name: method.Groups["name"].Value,
                Body: method.Groups["body"].Value,
                IsTest: method.Groups["attributes"].Value is var attributes && TestAttribute().IsMatch(attributes))))
            .ToArray();
        var asserting = new HashSet<string>(StringComparer.Ordinal);
        for (var call = 0; call < CallsMax; call++)
        {
            asserting.UnionWith(methods
                .Where(method => Assertion().IsMatch(method.Body) || Called().Matches(method.Body).Any(name => asserting.Contains(name.Value)))
                .Select(method => method.Name)
                .ToArray());
        }

        Assert.Contains(methods, method => method.IsTest);
        Findings.None(methods.Where(method => method.IsTest && !asserting.Contains(method.Name))
            .Select(method => $"{method.File}: {method.Name} asserts nothing"));
    }

    /// <summary>A member at the usual indentation with its attributes, up to the next member or the end of its type.</summary>
    [GeneratedRegex(@"(?<attributes>(^    \[[^\n]*\n)*)^    (public|private|internal|protected)[^\n=;]*? (?<name>\w+)(<\w+>)?\((?<body>(?s:.*?))(?=^    (///|\[|public |private |internal |protected )|^\}|\z)", RegexOptions.Multiline)]
    private static partial Regex Method();

    [GeneratedRegex(@"\[(Fact|Theory)\b")]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"\bAssert\.|Invariant\.Check|\bthrow new|Assert\b")]
    private static partial Regex Assertion();

    [GeneratedRegex(@"\b[A-Z]\w+(?=(<\w+>)?\()")]
    private static partial Regex Called();
}
