using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RestKv.Raft;

/// <summary>Always-on assertions shared by all projects. A failed one means that going on could do harm: the process ends.</summary>
public static class Invariant
{
    /// <summary>Asserts one fact; the expression itself is the message.</summary>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
    {
        if (!condition)
        {
            Fail(expression, file, line);
        }
    }

    /// <summary>Asserts that a reference is present and gives it back.</summary>
    public static T NotNull<T>(
        [NotNull] T? value,
        [CallerArgumentExpression(nameof(value))] string expression = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
        where T : class
    {
        if (value is null)
        {
            Fail(expression + " is null", file, line);
        }

        return value;
    }

    [DoesNotReturn]
    private static void Fail(string expression, string file, int line)
    {
        var slash = Math.Max(file.LastIndexOf('/'), file.LastIndexOf('\\'));
        throw new InvariantException($"{expression} ({file[(slash + 1)..]}:{line})");
    }
}

/// <summary>A broken invariant. Nobody catches it but the loops that own a thread, and they end the process.</summary>
public sealed class InvariantException(string message) : Exception(message);
