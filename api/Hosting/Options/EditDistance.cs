namespace RestKv.Api.Hosting.Options;

/// <summary>Levenshtein distance, for guessing what a misspelt name meant.</summary>
internal static class EditDistance
{
    private const int LengthMax = 64;

    public static bool IsAtMostTwo(string left, string right) =>
        left.Length <= LengthMax && right.Length <= LengthMax && Between(left, right) <= 2;

    private static int Between(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var row = 1; row <= left.Length; row++)
        {
            var current = new int[right.Length + 1];
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var change = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                current[column] = Math.Min(change, Math.Min(previous[column], current[column - 1]) + 1);
            }

            previous = current;
        }

        return previous[^1];
    }
}
