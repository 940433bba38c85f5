using FluentValidation.Results;
using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>Failed rules as a problem: the first one gives the code, all are listed.</summary>
internal static class ValidationMapping
{
    public static Problem? ToProblem(ValidationResult result)
    {
        if (result.IsValid)
        {
            return null;
        }

        var faults = result.Errors.ConvertAll(error => new FieldFault(
            PointerTo(error.PropertyName), ProblemCatalog.Find(error.ErrorCode)?.Code ?? ProblemCatalog.Validation.Code, error.ErrorMessage));
        var first = faults[0];
        return new Problem(ProblemCatalog.Find(first.Code)!, first.Detail) { At = first.At, Faults = faults };
    }

    /// <summary>`ids[0]`, as the validator names it, is `/ids/0` as a JSON pointer.</summary>
    private static string PointerTo(string property) =>
        "/" + property.Replace('[', '/').Replace("]", "", StringComparison.Ordinal).Replace('.', '/');
}
