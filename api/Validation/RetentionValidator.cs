using FluentValidation;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;

namespace RestKv.Api.Validation;

/// <summary>Both halves of the policy are given and in range.</summary>
internal sealed class RetentionValidator : AbstractValidator<RetentionRequest>
{
    private const long AgeSecondsMax = 10L * 365 * 86_400;

    public RetentionValidator()
    {
        RuleFor(request => request.Revisions)
            .Must(revisions => revisions is >= 0)
            .OverridePropertyName("revisions")
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage("revisions is a number from 0 on");
        RuleFor(request => request.Age)
            .Must(age => age is { } given && JsonDuration.TryReadSeconds(given, out var seconds) && seconds <= AgeSecondsMax)
            .OverridePropertyName("age")
            .WithErrorCode(ProblemCatalog.BadDuration.Code)
            .WithMessage("age is \"1h\", \"90m\" or a number of seconds, up to ten years");
    }
}
